/** How large one stored text may be unless the codec is told otherwise: 1 MiB. */
export const DEFAULT_MAX_BYTES = 1024 * 1024;

/**
 * How many levels of objects a stored value may have. A registered class or an error takes three, because
 * it is written as a tag, its class and its fields. Walking a value this deep fits the call stack everywhere.
 */
export const MAX_DEPTH = 1000;

/**
 * How long an array with holes may be. A few bytes of text can ask for four thousand million elements,
 * and whatever loops over them later would never end.
 */
export const MAX_SPARSE_LENGTH = 1_000_000;

/** How much of an error's stack is stored, in characters. */
export const MAX_STACK_LENGTH = 4096;

export const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep; store a flatter value`;
