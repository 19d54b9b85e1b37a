/** Throws unless `printed` is what is promised, in which `...` stands for any text on its line. */
export function compareOutput(printed: string, promised: string): void;
