/** How much of a stack is looked at: between the code of the user and this may be more calls than Node keeps. */
const MOST_FRAMES = 50;

/** Where this library was called. */
export function caller(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = MOST_FRAMES;
  const { stack } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return callerOf(stack);
}

/** The first line of a stack that is neither of the language, nor of Node, nor of this library. */
export function callerOf(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').slice(1);
  const frame = frames.find((line) => !isOfEngine(line)) ?? frames[0] ?? '';
  return frame.trim().replace(/^at /, '');
}

/**
 * Tells lines of stacks that are of Node or of this library, by where the library is: applications have directories
 * named `src/hooks` and `libs/core` too.
 *
 * @param own is such a line of this file, so it is written as the others are, source maps or not
 */
export function engineFrames(own: string): (line: string) => boolean {
  const [, root] = OWN_FRAME.exec(own) ?? [];
  return (line) => {
    // `at new Promise (<anonymous>)`, `at Array.map (<anonymous>)`: of the language itself.
    if (line.includes('node:') || line.endsWith('(<anonymous>)')) return true;
    if (root === undefined) return false; // A bundle: the code of the user is in the same file.
    const start = line.indexOf(root);
    return start >= 0 && PARTS.test(line.slice(start + root.length)) && !line.includes('.spec.');
  };
}

const OWN_FRAME = /(?:^ *at |\()(?:async )?([^(]*?)(?:dist[/\\])?libs[/\\]core[/\\]caller\.[jt]s/;
const PARTS = /^(?:dist[/\\](?:libs|src)|libs[/\\](?:core|runtime)|src[/\\](?:discovery|hooks))[/\\]/;
const isOfEngine = engineFrames(String(new Error().stack).split('\n')[1] as string);
