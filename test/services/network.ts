import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['postgres:', 5432],
  ['postgresql:', 5432],
  ['redis:', 6379],
]);

/** Stands between a client and its server, and fails as networks do. */
export class Network {
  private readonly sockets = new Set<Socket>();
  private loses = false;
  private farewell: Buffer | undefined;
  private freezingText: string | undefined;
  private isFrozen = false;
  private readonly counts = new Map<string, number>();
  /** How many there have been. */
  connections = 0;
  /** The ports from which the server sees its connections come. */
  readonly ports = new Set<number>();

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

  /** The server does what it is told next, and its answer is lost together with the connection. */
  loseNextAnswer(): void {
    this.loses = true;
  }

  /** The server ends the connection right behind its next answer: that and its last words come in one piece. */
  endBehindNextAnswer(lastWords: Buffer): void {
    this.farewell = lastWords;
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

  /** The client falls silent as soon as it has sent a message with this text: its process, or its machine, is frozen. */
  freezeAfter(text: string): void {
    this.freezingText = text;
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
    const far = connect(Number(this.target.port || DEFAULT_PORTS.get(this.target.protocol)), this.target.hostname);
    far.on('connect', () => this.ports.add(far.localPort ?? 0));
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
      if (this.freezingText === undefined || !data.includes(this.freezingText)) return;
      this.freezingText = undefined;
      this.isFrozen = true;
      for (const socket of this.sockets) socket.pause();
    });
    far.on('data', (data: Buffer) => {
      if (this.farewell) {
        near.end(Buffer.concat([data, this.farewell]));
        return (this.farewell = undefined);
      }
      if (!this.loses) return near.write(data);
      this.loses = false;
      return near.destroy();
    });
  }
}
