/**
 * Reads the quick start out of the README. A block belongs to it when the comment before it says so:
 *
 *     <!-- snippet: quick-start/install -->     the npm install line
 *     <!-- snippet: quick-start/main.ts -->     a file of the application; main.ts is run
 *     <!-- snippet: quick-start/output -->      what it prints; `...` stands for any text on that line
 */
export function readQuickStart(markdown) {
  const pattern = /<!-- snippet: quick-start\/(\S+) -->\s*```\w*\n([^]*?)```/g;
  const { install, output, ...files } = Object.fromEntries([...markdown.matchAll(pattern)].map(([, k, v]) => [k, v]));
  if (!install || !output || !files['main.ts']) {
    throw new Error('README.md needs the snippets quick-start/install, quick-start/main.ts and quick-start/output.');
  }
  const packages = install
    .match(/npm (?:install|i) (.+)/)?.[1]
    .trim()
    .split(/\s+/);
  if (!packages?.includes('nestjs-pyworkflow')) throw new Error('quick-start/install does not install the package.');
  return { packages, files, output };
}

/** Throws unless `printed` is what the README promises. */
export function compareOutput(printed, promised) {
  const normal = (text) => text.replaceAll(/[ \t]+$/gm, '').trim();
  const pattern = normal(promised).split('...').map(escapeForPattern).join('.*');
  if (new RegExp(`^${pattern}$`).test(normal(printed))) return;
  throw new Error(`it prints\n${printed}\ninstead of\n${promised}`);
}

function escapeForPattern(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
