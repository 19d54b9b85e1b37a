import type { ValidationError, ValidatorOptions } from 'class-validator';
import { show } from '../checks/show.js';
import type { ArgumentChecks } from './argument-checks.js';
import type { ArgumentType, DtoClass } from './dto.js';
import { type CheckedSubject, ValidationFailedError } from './validation-failed.error.js';
import type { ValidationPackages } from './validation-packages.js';

/** How the arguments of a workflow or a step, the payload of a hook, or the context of steps are declared. */
export interface ArgumentDeclaration {
  /** What is called, for messages. */
  readonly what: string;
  readonly types: readonly ArgumentType[];
  readonly subject: CheckedSubject;
  /** Whether an argument that is undefined is a fault; types that TypeScript emits do not tell optional ones. */
  readonly isRequired: boolean;
}

interface Subject {
  /** Where it stands, such as `args[0]`. */
  readonly path: string;
  readonly instance: object;
}

const OPTIONS: ValidatorOptions = { validationError: { target: false, value: false } };

/** Checks arguments by class-validator, and makes instances of them by class-transformer. */
export class ClassValidatorChecks implements ArgumentChecks {
  constructor(
    private readonly packages: ValidationPackages,
    private readonly declaration: ArgumentDeclaration,
  ) {}

  async check(args: readonly unknown[]): Promise<void> {
    const { validator } = this.packages;
    const { issues, subjects } = this.subjectsOf(args);
    for (const { path, instance } of subjects)
      issues.push(...flatten(path, await validator.validate(instance, OPTIONS)));
    this.refuse(issues);
  }

  checkSync(args: readonly unknown[]): void {
    const { validator } = this.packages;
    const { issues, subjects } = this.subjectsOf(args);
    for (const { path, instance } of subjects) issues.push(...flatten(path, validator.validateSync(instance, OPTIONS)));
    this.refuse(issues);
  }

  revive(args: readonly unknown[]): unknown[] {
    return args.map((argument, index) => {
      const type = this.declaration.types[index];
      if (type === undefined) return argument;
      if (!isList(type)) return this.instanceOf(type, argument);
      return Array.isArray(argument) ? argument.map((item) => this.instanceOf(type[0], item)) : argument;
    });
  }

  private subjectsOf(args: readonly unknown[]): { readonly issues: string[]; readonly subjects: Subject[] } {
    const issues: string[] = [];
    const subjects: Subject[] = [];
    const add = (type: DtoClass, value: unknown, path: string): void => {
      const instance = isRecord(value) ? this.instanceOf(type, value) : undefined;
      if (typeof instance === 'object' && instance !== null) subjects.push({ path, instance });
      else issues.push(`${path} must be ${withArticle(type.name)}; it is ${show(value)}`);
    };
    const { types, subject, isRequired } = this.declaration;
    for (const [index, type] of types.entries()) {
      const value = args[index];
      const path = subject === 'arguments' ? `args[${index}]` : subject;
      if (type === undefined || (value === undefined && !isRequired)) continue;
      if (!isList(type)) add(type, value, path);
      else if (!Array.isArray(value)) issues.push(`${path} must be a list of ${type[0].name}; it is ${show(value)}`);
      else for (const [place, item] of value.entries()) add(type[0], item, `${path}[${place}]`);
    }
    return { issues, subjects };
  }

  private instanceOf(type: DtoClass, value: unknown): unknown {
    if (!isRecord(value) || value instanceof type) return value;
    return this.packages.transformer.plainToInstance(type as new () => object, value);
  }

  private refuse(issues: readonly string[]): void {
    const { what, subject } = this.declaration;
    if (issues.length > 0) throw new ValidationFailedError(what, issues, subject);
  }
}

function isList(type: DtoClass | readonly [DtoClass]): type is readonly [DtoClass] {
  return Array.isArray(type);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function flatten(path: string, errors: readonly ValidationError[]): string[] {
  return errors.flatMap(({ property, constraints, children }) => {
    const place = `${path}.${property ?? '?'}`;
    return [
      ...Object.values(constraints ?? {}).map((constraint) => `${place}: ${constraint}`),
      ...flatten(place, children ?? []),
    ];
  });
}

/** By its letter, as the names of classes are read: an Order, a Receipt. */
function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}
