/** What this process has computed so far, in milliseconds; unlike the time, other processes do not make it grow. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
