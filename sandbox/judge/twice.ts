import type { Happening } from '../world';
import type { Invariant, Report, Watch } from './verdict';

/** What must reach somebody outside once: each e-mail, and each automatic payment of real money. */
export class Twice {
  readonly watch: Watch = {
    'email.sent': (happening) =>
      this.once(happening, 'no e-mail sent twice', `the e-mail ${happening.messageId} was sent`),
    charged: (happening) => {
      const { automatic, mode, membership } = happening;
      if (!automatic || mode === 'test') return;
      this.once(happening, 'no automatic payment charged twice', `the membership ${membership} was charged`);
    },
  };
  private readonly first = new Map<string, unknown>();

  constructor(private readonly report: Report) {}

  private once({ atMs, environment }: Happening, invariant: Invariant, what: string): void {
    const before = this.first.get(what);
    if (before === undefined) this.first.set(what, environment);
    else this.report(invariant, atMs, `${what} by ${before} and again by ${environment}`);
  }
}
