import type { FoundStep } from './find-steps.js';
import type { FoundWorkflow } from './find-workflows.js';
import type { Provider } from './provider.js';

interface Named {
  readonly label: string;
  readonly provider: Provider;
}

/** What is wrong with workflows and steps that go by one name. */
export function duplicateFaults(steps: readonly FoundStep[], workflows: readonly FoundWorkflow[]): readonly string[] {
  const versions = groupBy(workflows, ({ options }) => `${options.version} ${options.name}`);
  return [
    ...[...groupBy(steps, ({ options }) => options.name)].flatMap(([name, same]) =>
      describe(`Steps named "${name}"`, same, 'Give each a name of its own: @Step({ name })'),
    ),
    ...[...versions.values()].flatMap((same) => {
      const { name, version } = (same[0] as FoundWorkflow).options;
      return describe(
        `Workflows named "${name}" in version ${version}`,
        same,
        'Give each a name of its own, or another version: @Workflow({ name, version })',
      );
    }),
  ];
}

function describe(what: string, same: readonly Named[], mend: string): readonly string[] {
  if (same.length < 2) return [];
  const isOneClass = new Set(same.map(({ provider }) => provider.type)).size === 1;
  const advice = isOneClass ? 'Provide the class once, and export it from its module to the others' : mend;
  return [
    `${what} are provided ${same.length} times, by ${same.map(({ label }) => label).join(' and by ')}. ${advice}.`,
  ];
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
