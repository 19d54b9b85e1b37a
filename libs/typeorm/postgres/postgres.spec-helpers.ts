import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket, connect } from 'node:net';
import pg from 'pg';

/** A connection beside the store's, that says what the server says. */
export class Observer {
  private constructor(private readonly client: pg.Client) {}

  /** Begins to write down what is told on a channel. */
  async overhear(channel: string): Promise<readonly string[]> {
    const messages: string[] = [];
    this.client.on('notification', ({ payload }) => messages.push(payload ?? ''));
    await this.query(`LISTEN "${channel}"`);
    return messages;
  }

  static async connect(url: string): Promise<Observer> {
    const client = new pg.Client({ connectionString: url, application_name: 'observer' });
    await client.connect();
    return new Observer(client);
  }

  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...values])).rows;
  }

  /** Ends connections of the store, as an administrator would. @returns how many */
  async terminate(limit = 100): Promise<number> {
    const rows = await this.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'nestjs-pyworkflow' ORDER BY random() LIMIT $1`,
      [limit],
    );
    return rows.length;
  }

  end(): Promise<void> {
    return this.client.end();
  }
}

/** What a server says when an administrator ends a connection. */
const FAREWELL = errorResponse({
  S: 'FATAL',
  V: 'FATAL',
  C: '57P01',
  M: 'terminating connection due to administrator command',
});

function errorResponse(fields: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(
    `${Object.entries(fields)
      .flatMap(([name, text]) => [name + text, '\0'])
      .join('')}\0`,
  );
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Stands between a store and its server, and fails as networks do. */
export class Network {
  private readonly sockets = new Set<Socket>();
  private loses: 'nothing' | 'answers' = 'nothing';
  private isFarewell = false;
  private lastWords: string | undefined;
  private isFrozen = false;
  private readonly counts = new Map<string, number>();
  connections = 0;

  private constructor(
    private readonly target: URL,
    private server: Server,
  ) {}

  static async to(url: string): Promise<Network> {
    const network = new Network(new URL(url), createServer());
    await network.listen(0);
    return network;
  }

  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** From the next statement on, the server does what it is told, and its answer is lost together with the connection. */
  loseNextAnswer(): void {
    this.loses = 'answers';
  }

  /** The server ends the connection right behind its next answer: both come in one piece. */
  endBehindNextAnswer(): void {
    this.isFarewell = true;
  }

  /** Begins to count how often a text is sent to the server. @returns how often it was */
  countOf(text: string): () => number {
    this.counts.set(text, 0);
    return () => this.counts.get(text)!;
  }

  /** From now on, nothing passes on the connections that there are, and nobody is told. */
  silence(): void {
    for (const socket of this.sockets) socket.removeAllListeners('data').pause();
  }

  /** The store falls silent as soon as it has sent a statement with this text: its process, or its machine, is frozen. */
  freezeAfter(text: string): void {
    this.lastWords = text;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Cuts every connection, and refuses new ones. @returns what ends it */
  async goDown(): Promise<() => Promise<void>> {
    const { port } = this.server.address() as AddressInfo;
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
    return async () => {
      this.server = createServer();
      await this.listen(port);
    };
  }

  async end(): Promise<void> {
    if (this.server.listening) await this.goDown();
  }

  private async listen(port: number): Promise<void> {
    this.server.on('connection', (socket) => this.forward(socket));
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private forward(near: Socket): void {
    this.connections++;
    const far = connect(Number(this.target.port || 5432), this.target.hostname);
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    if (this.isFrozen) near.pause();
    near.on('data', (data: Buffer) => {
      far.write(data);
      for (const [text, count] of this.counts)
        this.counts.set(text, count + data.toString('latin1').split(text).length - 1);
      if (this.lastWords === undefined || !data.includes(this.lastWords)) return;
      this.lastWords = undefined;
      this.isFrozen = true;
      for (const socket of this.sockets) socket.pause();
    });
    far.on('data', (data: Buffer) => {
      if (this.isFarewell) {
        this.isFarewell = false;
        return near.end(Buffer.concat([data, FAREWELL]));
      }
      if (this.loses === 'nothing') return near.write(data);
      this.loses = 'nothing';
      return near.destroy();
    });
  }
}
