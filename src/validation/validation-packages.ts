import type { DtoClass } from './dto.js';

type ClassValidator = typeof import('class-validator');
type ClassTransformer = typeof import('class-transformer');

/** The packages that validate, loaded when a class needs them. */
export interface ValidationPackages {
  readonly validator: ClassValidator;
  readonly transformer: ClassTransformer;
}

/** Whether class-validator knows of anything: every copy of it registers itself globally. */
export function isClassValidatorInUse(): boolean {
  return Reflect.get(globalThis, 'classValidatorMetadataStorage') !== undefined;
}

export async function loadValidationPackages(): Promise<ValidationPackages | undefined> {
  try {
    const [validator, transformer] = await Promise.all([import('class-validator'), import('class-transformer')]);
    return { validator, transformer };
  } catch {
    return undefined;
  }
}

/** Whether a class has class-validator decorators, its own or inherited ones. */
export function isValidated({ validator }: ValidationPackages, type: DtoClass): boolean {
  return validator.getMetadataStorage().getTargetValidationMetadatas(type, '', true, false).length > 0;
}
