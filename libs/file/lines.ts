import { open } from 'node:fs/promises';

const CHUNK = 256 * 1024;
const LINE_END = 0x0a;

export interface Line {
  readonly text: string;
  /** Where it begins, in bytes. */
  readonly start: number;
  /** Where the next one begins. */
  readonly end: number;
  /** False for the last line of a file if its writing was interrupted. */
  readonly isWhole: boolean;
}

/** The lines of a file, from a place where one begins. */
export async function* readLines(path: string, from = 0, to = Infinity): AsyncGenerator<Line> {
  for await (const lines of readChunks(path, from, to)) yield* lines;
}

/** The same, many at a time: a generator that waits costs more for each line than reading it. */
export async function* readChunks(path: string, from = 0, to = Infinity): AsyncGenerator<readonly Line[]> {
  const file = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let start = from;
    for (let size = CHUNK; start + rest.length < to;) {
      const chunk = Buffer.allocUnsafe(Math.min(size, to - start - rest.length));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, start + rest.length);
      if (bytesRead === 0) break;
      rest = rest.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const lines = linesOf(rest, start);
      const read = lines.length === 0 ? 0 : lines.at(-1)!.end - start;
      if (lines.length > 0) yield lines;
      // So that a line that is longer than a chunk is copied a few times only.
      size = read === 0 ? size * 2 : CHUNK;
      rest = rest.subarray(read);
      start += read;
    }
    if (rest.length > 0) yield [{ ...lineOf(rest, start, start + rest.length), isWhole: false }];
  } finally {
    await file.close();
  }
}

/** Those that end in there. */
function linesOf(bytes: Buffer, start: number): readonly Line[] {
  const lines: Line[] = [];
  let position = 0;
  for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, position)) {
    lines.push(lineOf(bytes.subarray(position, end), start + position, start + end + 1));
    position = end + 1;
  }
  return lines;
}

function lineOf(bytes: Buffer, start: number, end: number): Line {
  // A power failure may leave blocks of zeros where something was to be written, which no line has in it.
  return { text: bytes.toString('utf8'), start, end, isWhole: !bytes.includes(0) };
}
