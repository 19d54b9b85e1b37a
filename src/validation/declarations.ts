import type { ArgumentChecks } from './argument-checks.js';
import { type ArgumentDeclaration, ClassValidatorChecks } from './class-validator.checks.js';
import type { ArgumentType, DtoClass } from './dto.js';
import {
  isClassValidatorInUse,
  isValidated,
  loadValidationPackages,
  type ValidationPackages,
} from './validation-packages.js';

interface Declared {
  /** What is called, for messages. */
  readonly what: string;
  /** The classes that its options name. */
  readonly explicit: DtoClass | readonly ArgumentType[] | undefined;
  readonly prototype: object;
  readonly method: string | symbol;
}

/** Reads how arguments are declared. Loads class-validator and class-transformer only if something is to be validated. */
export class Declarations {
  private packages: Promise<ValidationPackages | undefined> | undefined;

  /** @returns undefined if nothing is declared, or after adding to `faults` what is wrong */
  async read({ what, explicit, prototype, method }: Declared, faults: string[]): Promise<ArgumentChecks | undefined> {
    if (explicit !== undefined) return this.readNamed({ what, types: asList(explicit), subject: 'arguments' }, faults);
    const types = parameterTypes(prototype, method);
    if (!types.some((type) => type !== undefined) || !isClassValidatorInUse()) return undefined;
    const packages = await this.load(what, faults);
    return packages && inferred(packages, what, types);
  }

  /** Reads the class that what is delivered to a hook is declared with. As `read`. */
  readPayload(what: string, type: DtoClass, faults: string[]): Promise<ArgumentChecks | undefined> {
    return this.readNamed({ what, types: [type], subject: 'payload' }, faults);
  }

  /** Reads the class of what a workflow sets as the context of its steps. As `read`. */
  readStepContext(what: string, type: DtoClass | undefined, faults: string[]): Promise<ArgumentChecks | undefined> {
    return this.readNamed({ what, types: [type], subject: 'step context' }, faults);
  }

  private async readNamed(
    declared: Omit<ArgumentDeclaration, 'isRequired'>,
    faults: string[],
  ): Promise<ArgumentChecks | undefined> {
    const { what, types, subject } = declared;
    if (!types.some((type) => type !== undefined)) return undefined;
    const packages = await this.load(what, faults);
    if (!packages) return undefined;
    const bare = types
      .flatMap((type) => (type === undefined ? [] : [classOf(type)]))
      .filter((type) => !isValidated(packages, type));
    for (const type of bare)
      faults.push(
        `${what} names ${type.name} for its ${subject}, which has no class-validator decorators: decorate its fields.`,
      );
    return bare.length > 0 ? undefined : new ClassValidatorChecks(packages, { ...declared, isRequired: true });
  }

  private async load(what: string, faults: string[]): Promise<ValidationPackages | undefined> {
    this.packages ??= loadValidationPackages();
    const packages = await this.packages;
    if (!packages) {
      faults.push(
        `${what} is to be validated, which needs two packages. Run: npm install class-validator class-transformer`,
      );
    }
    return packages;
  }
}

/** Only what class-validator knows: TypeScript says `Object` of unions, and `Array` of lists. */
function inferred(
  packages: ValidationPackages,
  what: string,
  found: readonly ArgumentType[],
): ArgumentChecks | undefined {
  const types = found.map((type) => (type !== undefined && isValidated(packages, classOf(type)) ? type : undefined));
  return types.some((type) => type !== undefined)
    ? new ClassValidatorChecks(packages, { what, types, subject: 'arguments', isRequired: false })
    : undefined;
}

/** What TypeScript has noted of a decorated method's parameters. */
function parameterTypes(prototype: object, method: string | symbol): readonly ArgumentType[] {
  const types = (Reflect.getMetadata('design:paramtypes', prototype, method) ?? []) as readonly unknown[];
  return types.map((type) => (typeof type === 'function' ? (type as DtoClass) : undefined));
}

function asList(explicit: DtoClass | readonly ArgumentType[]): readonly ArgumentType[] {
  return typeof explicit === 'function' ? [explicit] : explicit;
}

function classOf(type: DtoClass | readonly [DtoClass]): DtoClass {
  return typeof type === 'function' ? type : type[0];
}
