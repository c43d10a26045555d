import type { WebRequest, WebResponse, World } from '../world';

/** Sends a request to its host, by name. Undefined: nothing answered or the connection was closed. */
export type Browse = (request: WebRequest) => Promise<WebResponse | undefined>;

/** Where the actors play: what they ask is told to the world, and what they still mean to do ends with them. */
export class Stage {
  private readonly cancels = new Set<() => void>();
  private stopped = false;

  constructor(
    readonly world: World,
    private readonly browse: Browse,
  ) {}

  /** Calls `act` once, unless the actors are stopped before. */
  later(delayMs: number, name: string, act: () => Promise<void>): void {
    if (this.stopped) return;
    const cancel = this.world.clock.at(this.world.clock.nowMs() + delayMs, name, async () => {
      this.cancels.delete(cancel);
      await act();
    });
    this.cancels.add(cancel);
  }

  stop(): void {
    this.stopped = true;
    for (const cancel of this.cancels) cancel();
    this.cancels.clear();
  }

  /** `expected` says whether an answer is the one this address gives when all is well. */
  async ask(
    actor: string,
    request: Omit<WebRequest, 'headers'> & { headers?: Record<string, string> },
    expected: (answer: WebResponse) => boolean,
  ): Promise<{ answer: WebResponse | undefined; acknowledged: boolean }> {
    const answer = await this.browse({ headers: {}, ...request });
    const acknowledged = answer !== undefined && expected(answer);
    const { method, host, path } = request;
    this.world.happened('visitor.asked', { actor, method, host, path, status: answer?.status, acknowledged });
    return { answer, acknowledged };
  }
}
