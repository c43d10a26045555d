import type { WebResponse } from '../world';
import type { Stage } from './stage';

/** Who a visitor is, with the session their browser has kept. */
export interface Account {
  username: string;
  password: string;
  cookie: string;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Somebody at home: mostly looks, now and then enters an event, sometimes pays. */
export class Visitor {
  private cookie: string;

  constructor(
    private readonly stage: Stage,
    private readonly account: Account,
    private readonly host: string,
    private readonly clientAddress: string,
    private readonly random: () => number,
  ) {
    this.cookie = account.cookie;
  }

  /** Acts every 30 to 60 seconds, for as long as the stage is open. */
  begin(): void {
    const pauseMs = 30_000 + this.random() * 30_000;
    this.stage.later(pauseMs, `visitor ${this.account.username}`, async () => {
      await this.act();
      this.begin();
    });
  }

  private async act(): Promise<void> {
    const mood = this.random();
    if (mood < 0.8) return this.look();
    if (mood < 0.93)
      return this.post('/events/enter', `event=${1 + Math.floor(this.random() * 150)}`, /^Entry \d+/);
    return this.post('/payments/pay', `amount=${10 + Math.floor(this.random() * 90)}`, /^Payment \d+/);
  }

  private async look(): Promise<void> {
    const { answer } = await this.ask('GET', '/', '', ({ body }) => body.startsWith('Dashboard'));
    if (answer?.status === 200 && answer.body.startsWith('Welcome')) await this.logIn();
  }

  private async post(path: string, body: string, receipt: RegExp): Promise<void> {
    const { answer } = await this.ask(
      'POST',
      path,
      body,
      (reply) => reply.status === 200 && receipt.test(reply.body),
    );
    if (answer?.status === 302) await this.logIn();
  }

  private async logIn(): Promise<void> {
    const { username, password } = this.account;
    const body = new URLSearchParams({ username, password }).toString();
    const { answer } = await this.ask(
      'POST',
      '/accounts/login/',
      body,
      (reply) => 'set-cookie' in reply.headers,
    );
    this.cookie = answer?.headers['set-cookie']?.split(';')[0] ?? this.cookie;
  }

  private ask(method: string, path: string, body: string, expected: (answer: WebResponse) => boolean) {
    const headers = { ...form, cookie: this.cookie };
    const { host, clientAddress } = this;
    const request = { method, path, host, headers, body, clientAddress };
    return this.stage.ask(this.account.username, request, expected);
  }
}
