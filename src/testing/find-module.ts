import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';

type Import = Type | DynamicModule | Promise<DynamicModule> | ForwardReference;

/** Whether a module is among these imports, or among theirs. */
export async function importsModule(
  imports: readonly Import[],
  wanted: Type,
  seen = new Set<unknown>(),
): Promise<boolean> {
  for (const entry of imports) {
    const resolved = (await entry) as Type | DynamicModule | ForwardReference;
    const it = 'forwardRef' in resolved ? (resolved.forwardRef() as Type) : resolved;
    if (!it || seen.has(it)) continue;
    seen.add(it);
    const type = 'module' in it ? it.module : it;
    if (type === wanted) return true;
    const further = [...importsOf(type), ...('module' in it ? ((it.imports ?? []) as Import[]) : [])];
    if (await importsModule(further, wanted, seen)) return true;
  }
  return false;
}

function importsOf(type: Type): readonly Import[] {
  return (Reflect.getMetadata('imports', type) ?? []) as readonly Import[];
}
