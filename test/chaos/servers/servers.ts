import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A PostgreSQL and a Redis that nobody else uses, to be harmed. They are gone when this process is, however it ends. */
export class Servers {
  private readonly answers: AsyncIterator<string>;
  private readonly gone: Promise<unknown>;
  private urls: { readonly postgres: string; readonly redis: string } | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly keeper: ChildProcess) {
    this.answers = createInterface({ input: keeper.stdout! })[Symbol.asyncIterator]();
    this.gone = once(keeper, 'exit');
  }

  static async start(): Promise<Servers> {
    const keeper = spawn(process.execPath, [resolve('test/chaos/servers/keeper.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true, // out of the terminal's process group
    });
    const servers = new Servers(keeper);
    const { value } = await servers.answers.next();
    if (value === undefined) throw new Error('The servers could not be started; see the message above.');
    servers.urls = JSON.parse(value) as { postgres: string; redis: string };
    return servers;
  }

  /** Of an account that may do anything. */
  get postgresUrl(): string {
    return this.urls!.postgres;
  }

  get redisUrl(): string {
    return this.urls!.redis;
  }

  /** @param signal SIGINT ends all connections in good order; after SIGQUIT the server has to recover as after a crash */
  restartPostgres(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    return this.ask(`restart-postgres ${signal}`);
  }

  stopRedis(): Promise<void> {
    return this.ask('stop-redis');
  }

  startRedis(): Promise<void> {
    return this.ask('start-redis');
  }

  async stop(): Promise<void> {
    this.keeper.stdin!.end();
    await this.gone;
  }

  private async ask(command: string): Promise<void> {
    const asked = this.turn.then(async () => {
      this.keeper.stdin!.write(`${command}\n`);
      const { value } = await this.answers.next();
      if (value !== 'done') throw new Error(`${command}: ${value ?? 'the servers are gone'}`);
    });
    this.turn = asked.catch(() => {});
    await asked;
  }
}
