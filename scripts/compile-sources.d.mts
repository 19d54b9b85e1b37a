/** Compiles TypeScript as Jest does. What it gives has to be run from below `.compiled` if it imports the package. */
export function compileText(text: string, filename: string): Promise<string>;
