import { DriverMissingError } from './errors.js';

const NOT_FOUND = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** Imports an optional package, and says which one to install if it is missing. */
export async function loadDriver<Module>(
  packageName: string,
  purpose: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_FOUND.has(String(error.code))) {
      throw new DriverMissingError(packageName, purpose, error);
    }
    throw error;
  }
}
