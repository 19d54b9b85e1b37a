/**
 * A Date constructor that takes what `timeOfRun` gives for now, if it gives something.
 *
 * It makes real Dates: they share their prototype with those of the native constructor, so that neither `instanceof`,
 * nor `constructor`, nor drivers that ask for a Date can tell them apart.
 */
export function guardedDate(Native: DateConstructor, timeOfRun: () => number | undefined): DateConstructor {
  function GuardedDate(...args: readonly unknown[]): Date | string {
    if (args.length > 0 && new.target === GuardedDate) return construct(Native, args, Native);
    const now = timeOfRun();
    if (new.target === undefined) return now === undefined ? Native() : new Native(now).toString();
    if (new.target === GuardedDate) return now === undefined ? new Native() : new Native(now);
    return construct(Native, args.length === 0 && now !== undefined ? [now] : args, new.target);
  }
  const { prototype, ...statics } = Object.getOwnPropertyDescriptors(Native);
  GuardedDate.prototype = Native.prototype;
  Object.defineProperties(GuardedDate, { ...statics, prototype: { ...prototype } });
  return GuardedDate as unknown as DateConstructor;
}

function construct(Native: DateConstructor, args: readonly unknown[], target: object): Date {
  return Reflect.construct(Native, args, target as DateConstructor) as Date;
}
