import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What the examples take for granted; what an example declares itself is left out. */
const PRELUDE = `
import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { IsBoolean, IsEmail, IsInt, IsString, Min } from 'class-validator';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { DataSource as DataSourceType } from 'typeorm';
import { TypeOrmStore } from 'nestjs-pyworkflow/typeorm';
import { WorkflowTestingModule } from 'nestjs-pyworkflow/testing';
import { cancellationScope, createCodec, createHook, createWebhook, defineHook, EventReplayer, FatalError, getCurrentContext, getStepContext, githubSignature, HookExpiredError,
  hmacSignature, hook as openHook, now, parallel, stripeSignature,
  PyWorkflowModule, race, random, registerSerializable, RetryableError, Serializable, setStepContext, shield, sideEffect, sleep, sleepUntil, Step,
  type StepContext, timeout, Workflow, WorkflowClient, WorkflowStore } from 'nestjs-pyworkflow';
declare const client: WorkflowClient;
declare const token: string;
declare const order: Order;
interface Order { id: string; amount: number }
interface Charge { id: string }
declare class BankService { charge(order: Order, key: string): Promise<Charge> }
declare class PaymentSteps { charge(order: Order): Promise<Charge>; refund(charge: Charge): Promise<void> }
declare class MailSteps { send(to: string): Promise<void>; askForApproval(order: Order, token: string): Promise<void> }
declare class OrderWorkflow { run(order: Order): Promise<string> }
declare class ApprovalWorkflow { run(order: Order): Promise<string> }
declare class RemindersService { remind(email: string): Promise<void> }
declare class AppModule {}
declare class ApiKeyGuard { canActivate(): boolean }
declare class OrdersModule {}
declare class SettingsModule {}
declare class SettingsService { get(name: string): string }
declare class DataSource { }
interface DataSource extends DataSourceType {}
declare abstract class MyStoreBase extends WorkflowStore {}
declare const MyStore: new () => MyStoreBase;
`;

/** Packages that the examples name and we do not have. */
const AMBIENT = `declare module 'decimal.js' { export class Decimal { constructor(text: string); toString(): string } }`;

interface Example {
  readonly name: string;
  readonly text: string;
}

const examples: readonly Example[] = readdirSync(join(root, 'docs'))
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) => {
    const blocks = readFileSync(join(root, 'docs', page), 'utf8').matchAll(/^```ts\n([^]*?)^```/gm);
    return [...blocks].map(([, text = ''], index) => ({ name: `${page.replace('.md', '')}-${index + 1}.ts`, text }));
  });

function withPrelude(text: string): string {
  const own = new Set([...text.matchAll(/(?:class|interface|const|function) (\w+)/g)].map(([, name]) => name));
  const imports = [...text.matchAll(/import .*\{(.*)\}/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) => name.trim()),
  );
  const lines = PRELUDE.split('\n').filter((line) => {
    const declared = /^(?:declare (?:abstract )?(?:const|class)|interface) (\w+)/.exec(line)?.[1];
    return declared === undefined || !own.has(declared);
  });
  let prelude = lines.join('\n');
  for (const name of [...imports, ...own])
    prelude = prelude.replace(new RegExp(`(?<=[{,\\n] *)(?:type )?${name}(?= *[,}])`), 'type WorkflowStore as _');
  return `${prelude.replaceAll(/type WorkflowStore as _,?/g, '')}\n${text}\nexport {};\n`;
}

describe('the examples of the docs', () => {
  it('compile', () => {
    const directory = join(root, 'test', 'docs-examples');
    const texts = new Map(examples.map(({ name, text }) => [join(directory, name), withPrelude(text)]));
    const ambient = join(directory, 'ambient.d.ts');
    texts.set(ambient, AMBIENT);
    const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config as {
      compilerOptions: object;
    };
    const { options } = ts.parseJsonConfigFileContent(
      { compilerOptions: config.compilerOptions, files: [] },
      ts.sys,
      root,
    );
    const host = ts.createCompilerHost(options);
    const { fileExists, readFile } = host;
    host.fileExists = (file) => texts.has(file) || fileExists(file);
    host.readFile = (file) => texts.get(file) ?? readFile(file);
    const program = ts.createProgram([...texts.keys()], { ...options, noEmit: true }, host);
    const faults = [...texts.keys()].flatMap((file) => {
      const source = program.getSourceFile(file);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return found.map(({ start = 0, messageText }) => {
        const line = (texts.get(file) ?? '').slice(0, start).split('\n').length;
        const shown = (texts.get(file) ?? '').split('\n')[line - 1];
        return `${file.slice(directory.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')} in: ${shown}`;
      });
    });
    expect(faults).toEqual([]);
    expect(examples.length).toBeGreaterThan(20);
  }, 120_000);
});
