import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of the clock in /proc, on every Linux that Node.js supports. */
const TICKS_PER_SECOND = 100;

interface ProcessStat {
  readonly name: string;
  readonly parent: number;
  /** Of itself and of the children that it has waited for. */
  readonly cpuSec: number;
}

/** CPU seconds of a process and its children; nothing where there is no /proc. */
export function cpuOfTree(pid: number): number | undefined {
  const own = statOf(pid);
  if (!own) return undefined;
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = others.map((name) => statOf(Number(name))).filter((stat) => stat?.parent === pid);
  return children.reduce((sum, child) => sum + (child?.cpuSec ?? 0), own.cpuSec);
}

/** The postmaster behind a connection, if it runs on this machine. */
export function postmasterOf(backendPid: number): number | undefined {
  const backend = statOf(backendPid);
  return backend?.name.startsWith('postgres') ? backend.parent : undefined;
}

/** CPU seconds that the whole machine has used; nothing where there is no /proc. */
export function machineCpu(): number | undefined {
  const line = readOrNothing('/proc/stat')?.split('\n', 1)[0];
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}

function statOf(pid: number): ProcessStat | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { name: text.slice(text.indexOf('(') + 1, end), parent: Number(fields[1]), cpuSec: ticks / TICKS_PER_SECOND };
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // the process has ended, or this is not Linux
  }
}
