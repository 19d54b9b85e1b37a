import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Histories } from './histories.js';

/** This program runs compiled and from source; the shop is started as this one was. */
const PROGRAM = fileURLToPath(new URL(`../shop/main${extname(import.meta.url)}`, import.meta.url));

/** Twice what the engine gives its steps to finish. */
const STOP_MS = 20_000;

export interface ShopSettings {
  readonly port: number;
  readonly histories: Histories;
  readonly partnersUrl: string;
  /** Where the shop's own output goes. */
  readonly log: string;
}

/** The shop in a process of its own. */
export class ShopProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** How long it took until the shop answered. */
    readonly bootMs: number,
  ) {}

  /**
   * Starts it and waits until it answers.
   *
   * @param signal ends it if it does not answer before
   * @throws if it ends before
   */
  static async start(settings: ShopSettings, signal: AbortSignal): Promise<ShopProcess> {
    const from = Date.now();
    const log = openSync(settings.log, 'a');
    const child = fork(PROGRAM, {
      execArgv: process.execArgv,
      stdio: ['ignore', log, log, 'ipc'],
      env: {
        ...process.env,
        NO_COLOR: '1',
        SHOP_PORT: String(settings.port),
        ...settings.histories.environment,
        PARTNERS_URL: settings.partnersUrl,
      },
    });
    closeSync(log);
    const up = once(child, 'message', { signal }).then(() => true);
    const ended = once(child, 'exit').then(() => false);
    try {
      if (!(await Promise.race([up, ended]))) throw new Error(`The shop did not start; ${settings.log} says why.`);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    return new ShopProcess(child, Date.now() - from);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves when the process has ended, however it did. */
  async ended(): Promise<void> {
    if (!this.hasEnded) await once(this.child, 'exit');
  }

  /** As a power cut: nothing in the process gets to know of it. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  /** As a deploy: the process finishes what it is at. @returns false if it had to be killed */
  async stop(): Promise<boolean> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    this.child.kill('SIGTERM');
    await this.ended();
    clearTimeout(timer);
    return this.child.signalCode !== 'SIGKILL';
  }
}
