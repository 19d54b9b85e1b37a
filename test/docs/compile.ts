import { join } from 'node:path';
import ts from 'typescript';
import { type Block, ROOT } from './pages.js';
import { prelude } from './prelude.js';

/** Where the examples would be if they were files. */
const DIRECTORY = join(ROOT, 'docs', 'examples');
const IS_MODULE = '\nexport {};\n';

/** What the compiler has to say of examples, each a module of its own, against the sources. */
export function faultsOfExamples(examples: readonly Block[]): readonly string[] {
  const places = new Map(examples.map(({ place, text }) => [place, text]));
  const files = new Map([...places].map(([place, text]) => [fileOf(place), text + IS_MODULE]));
  files.set(join(DIRECTORY, 'prelude.d.ts'), prelude());
  const program = programOf(files);
  const faults = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return faults.map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 0;
    const shown = file?.text.split('\n')[line - 1]?.trim();
    const place = [...places.keys()].find((each) => fileOf(each) === file?.fileName) ?? file?.fileName;
    return `${place}, its line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')} In: ${shown}`;
  });
}

function fileOf(place: string): string {
  return join(DIRECTORY, `${place.replaceAll(/\W+/g, '-')}.ts`);
}

function programOf(files: ReadonlyMap<string, string>): ts.Program {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as {
    config: { compilerOptions: object };
  };
  const given = { compilerOptions: config.compilerOptions, files: [] };
  const { options } = ts.parseJsonConfigFileContent(given, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  return ts.createProgram([...files.keys()], { ...options, noEmit: true }, host);
}
