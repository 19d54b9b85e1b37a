import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Type } from '@nestjs/common';
import { show } from '../checks/show.js';
import { BootstrapError } from './bootstrap.error.js';

const APP_MODULE = 'PYWORKFLOW_APP_MODULE';

const EXAMPLE = `for example ${APP_MODULE}=./dist/app.module.js, or ./dist/app.module.js#AppModule if the file exports several classes`;

/**
 * Loads the module of the application.
 *
 * @param reference a path, relative to the working directory, and behind a `#` the name of the export if that is not
 * the default export, `AppModule`, or the only class that the file exports
 */
export async function loadAppModule(reference: string | undefined): Promise<Type> {
  if (!reference?.trim())
    throw new BootstrapError(`${APP_MODULE} is not set. Name the file of your module: ${EXAMPLE}.`);
  const [path = '', name] = reference.trim().split('#');
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new BootstrapError(
      `${APP_MODULE} is ${show(reference)}, and there is no file ${file}. Build the application first, and name the compiled file: ${EXAMPLE}.`,
    );
  }
  const exports = await importFile(file, reference);
  const found = name === undefined ? findModule(exports) : exports[name];
  if (isClass(found)) return found;
  const classes = Object.keys(exports).filter((each) => isClass(exports[each]));
  const has = classes.length === 0 ? 'exports no class' : `exports ${classes.join(', ')}`;
  throw new BootstrapError(
    `${APP_MODULE} is ${show(reference)}, and ${file} ${has}: ${name === undefined ? 'it is not clear which is the module' : `none is named ${show(name)}`}. Set ${EXAMPLE}.`,
  );
}

async function importFile(file: string, reference: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    // What a CommonJS file exports is the default export as well.
    const { default: whole } = loaded;
    return typeof whole === 'object' && whole !== null ? { ...whole, ...loaded } : loaded;
  } catch (error) {
    // With its stack, which says where in the application it was thrown.
    const what = error instanceof Error && error.stack !== undefined ? error.stack : String(error);
    throw new BootstrapError(`${APP_MODULE} is ${show(reference)}, which could not be loaded: ${what}`, {
      cause: error,
    });
  }
}

function findModule(exports: Readonly<Record<string, unknown>>): unknown {
  if (isClass(exports['default'])) return exports['default'];
  if (isClass(exports['AppModule'])) return exports['AppModule'];
  const classes = Object.values(exports).filter(isClass);
  return classes.length === 1 ? classes[0] : undefined;
}

function isClass(value: unknown): value is Type {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}
