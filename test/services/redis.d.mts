export function startRedis(cleanUps: (() => Promise<void>)[], port?: number): Promise<{ readonly url: string }>;
