import type { Judged } from '../plan';
import type { Happening } from '../world';
import type { Report, Watch } from './verdict';

/** A process that runs on an instance, by what it was started with. */
export interface RunningProcess {
  environment: string;
  /** Whether it holds a real payment key. */
  armed: boolean;
  /** Whether it serves, with maintenance off. Never where there is no maintenance switch. */
  open: boolean;
  databaseHost: string;
}

/** The processes that run. Judges who can charge and which sides are open whenever one starts. */
export class Processes {
  readonly watch: Watch = {
    'process.started': (happening) => this.started(happening),
    'process.ended': (happening) => void this.running.delete(keyOf(happening)),
  };
  private readonly running = new Map<string, RunningProcess>();
  private readonly hosts = new Map<string, string>();

  constructor(
    private readonly judged: Judged,
    private readonly report: Report,
    /** Told of each open process that starts. */
    private readonly onOpen: (process: RunningProcess, atMs: number) => void,
  ) {}

  /** The database host of the web process that started last in an environment. */
  databaseHostOf(environment: string): string | undefined {
    return this.hosts.get(environment);
  }

  open(): RunningProcess[] {
    return [...this.running.values()].filter(({ open }) => open);
  }

  private started(happening: Happening): void {
    const environ = happening.environ as Record<string, string>;
    const process = this.read(String(happening.environment), environ, serves(happening));
    this.running.set(keyOf(happening), process);
    if (serves(happening)) this.hosts.set(process.environment, process.databaseHost);
    if (process.armed) this.judgeArmed(happening.atMs);
    if (!process.open) return;
    this.judgeOpen(happening.atMs);
    this.onOpen(process, happening.atMs);
  }

  private read(environment: string, environ: Record<string, string>, serving: boolean): RunningProcess {
    const { databaseHost, maintenance, payments } = this.judged;
    return {
      environment,
      armed: payments.some((name) => !['', 'not-set'].includes(environ[name] ?? '')),
      open: serving && maintenance !== undefined && environ[maintenance.name] !== maintenance.on,
      databaseHost: environ[databaseHost] ?? '',
    };
  }

  /** Old and new processes of one environment may differ while it is updated: that is one environment. */
  private judgeArmed(atMs: number): void {
    const armed = environmentsOf([...this.running.values()].filter((process) => process.armed));
    if (armed.length > 1)
      this.report('never two environments able to charge', atMs, `${and(armed)} hold payment keys`);
  }

  private judgeOpen(atMs: number): void {
    const open = environmentsOf(this.open());
    const sides = Object.entries(this.judged.sides)
      .map(([side, environments]) => ({ side, open: open.filter((name) => environments.includes(name)) }))
      .filter((each) => each.open.length > 0);
    if (sides.length < 2) return;
    const named = sides.map((each) => `${each.side} (${each.open.join(', ')})`);
    this.report('never two open sides', atMs, `${and(named)} serve with maintenance off`);
  }
}

const keyOf = ({ instance, pid }: Happening) => `${instance}/${pid}`;

/** The web server and its workers, as opposed to a command. */
const serves = ({ argv }: Happening) => (argv as string[]).some((word) => word.endsWith('/gunicorn'));

const environmentsOf = (processes: RunningProcess[]) =>
  [...new Set(processes.map(({ environment }) => environment))].sort();

const and = (names: string[]) => names.join(' and ');
