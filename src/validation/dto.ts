/** A class whose instances class-validator can check. */
export type DtoClass<T extends object = object> = new (...args: never[]) => T;

/** The class of one argument; `[Dto]` if the argument is a list of them, undefined if it is not checked. */
export type ArgumentType = DtoClass | readonly [DtoClass] | undefined;
