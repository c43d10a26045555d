import type { Clock } from './clock';

/** What a client does; one that is with a person has no claim on time. */
type State = 'working' | 'resting' | 'with a person';

/** One client, until it leaves. What it says last is what counts. */
export class RegisteredClient {
  state: State = 'working';
  private endRest = () => {};

  constructor(
    private readonly clock: Pick<Clock, 'at' | 'nowMs'>,
    private readonly told: (nowMs: number) => void,
    private readonly changed: () => void,
  ) {
    this.tell();
  }

  work(): void {
    this.become('working');
  }

  /** For as long as a person is asked. */
  yieldTime(): void {
    this.become('with a person');
  }

  /** Time may be skipped to this, and the client is working again as soon as it is reached. */
  restUntil(atMs: number): void {
    this.endRest();
    this.endRest = this.clock.at(atMs, 'end of a rest', () => {
      this.state = 'working';
      this.tell();
    });
    this.state = 'resting';
    this.changed();
  }

  tell(): void {
    this.told(this.clock.nowMs());
  }

  private become(state: State): void {
    this.endRest();
    this.state = state;
    this.changed();
  }
}

/** The clients that say what they do, so that time is skipped exactly when resting is all that they do. */
export class RegisteredClients {
  private readonly all = new Set<RegisteredClient>();

  /** @param changed told whenever time may be skipped that could not be before, and at other times */
  constructor(
    private readonly clock: Pick<Clock, 'at' | 'nowMs'>,
    private readonly changed: () => void,
  ) {}

  /** A new client, working. It is told the time now, whenever it was skipped, and at the end of each rest. */
  register(told: (nowMs: number) => void): RegisteredClient {
    const client = new RegisteredClient(this.clock, told, this.changed);
    this.all.add(client);
    return client;
  }

  leave(client: RegisteredClient): void {
    this.all.delete(client);
    client.yieldTime();
  }

  /** Whether time is for them to skip, and nobody's question does. */
  claimTime(): boolean {
    return this.claiming().length > 0;
  }

  allRest(): boolean {
    const claiming = this.claiming();
    return claiming.length > 0 && claiming.every(({ state }) => state === 'resting');
  }

  tellTime(): void {
    for (const client of this.all) client.tell();
  }

  private claiming(): RegisteredClient[] {
    return [...this.all].filter(({ state }) => state !== 'with a person');
  }
}
