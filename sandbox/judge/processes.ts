import type { Judged } from '../plan';
import type { Happening } from '../world';
import type { Report, Watch } from './verdict';

/** A process that runs on an instance, by what it was started with. */
export interface RunningProcess {
  environment: string;
  /** The web server or one of its workers, as opposed to a command. */
  web: boolean;
  /** Whether it holds a real payment key. */
  armed: boolean;
  /** Whether whoever reaches it is served: by a web process with maintenance off. */
  serves: boolean;
  databaseHost: string;
}

export interface Surroundings {
  report: Report;
  /** Whether an environment's door lets anybody through now, at whichever node. */
  reachable: (environment: string) => boolean;
  /** Whether nobody's data are on the database of this host. */
  forPreparation: (host: string) => boolean;
  /** Told of the open processes at each look. */
  onOpen: (process: RunningProcess, atMs: number) => void;
}

/**
 * The processes that run, and whether people reach them. Judges who can charge and which sides are open whenever a
 * process starts and whenever a door is changed: only then can there be more.
 */
export class Processes {
  readonly watch: Watch = {
    'process.started': (happening) => this.started(happening),
    'process.ended': (happening) => void this.running.delete(keyOf(happening)),
    'webAcl.changed': ({ atMs }) => this.look(atMs),
    'webAcl.associated': ({ atMs }) => this.look(atMs),
    'webAcl.disassociated': ({ atMs }) => this.look(atMs),
    'ipSet.changed': ({ atMs }) => this.look(atMs),
    'loadBalancer.replaced': ({ atMs }) => this.look(atMs),
  };
  private readonly running = new Map<string, RunningProcess>();
  private readonly hosts = new Map<string, string>();

  constructor(
    private readonly judged: Judged,
    private readonly surroundings: Surroundings,
  ) {}

  /** The database host of the web process that started last in an environment. */
  databaseHostOf(environment: string): string | undefined {
    return this.hosts.get(environment);
  }

  /** The processes that serve ordinary people now; a system that is no side's, such as one for tests, serves none. */
  open(): RunningProcess[] {
    const ofSides = Object.values(this.judged.sides).flat();
    return this.reached(({ serves, environment }) => serves && ofSides.includes(environment));
  }

  private started(happening: Happening): void {
    const environ = happening.environ as Record<string, string>;
    const process = this.read(String(happening.environment), environ, isWeb(happening));
    this.running.set(keyOf(happening), process);
    if (process.web) this.hosts.set(process.environment, process.databaseHost);
    this.look(happening.atMs);
  }

  private read(environment: string, environ: Record<string, string>, web: boolean): RunningProcess {
    const { payments } = this.judged;
    const databaseHost = environ[this.judged.databaseHost] ?? '';
    return {
      ...{ environment, web, databaseHost },
      armed: payments.some((name) => !['', 'not-set'].includes(environ[name] ?? '')),
      serves: web && !this.closed(environ, databaseHost),
    };
  }

  /** Without a maintenance switch, what is being prepared is told by its database. */
  private closed(environ: Record<string, string>, databaseHost: string): boolean {
    const { maintenance } = this.judged;
    if (!maintenance) return this.surroundings.forPreparation(databaseHost);
    return environ[maintenance.name] === maintenance.on;
  }

  private look(atMs: number): void {
    this.judgeArmed(atMs);
    const open = this.open();
    this.judgeOpen(environmentsOf(open), atMs);
    for (const process of open) this.surroundings.onOpen(process, atMs);
  }

  /** Old and new processes of one environment may differ while it is updated: that is one environment. */
  private judgeArmed(atMs: number): void {
    const jobs = [...this.running.values()].filter(({ armed, web }) => armed && !web);
    const able = environmentsOf([...jobs, ...this.reached(({ armed, web }) => armed && web)]);
    if (able.length > 1)
      this.surroundings.report('never two environments able to charge', atMs, `${and(able)} can charge`);
  }

  private judgeOpen(open: string[], atMs: number): void {
    const sides = Object.entries(this.judged.sides)
      .map(([side, environments]) => ({ side, open: open.filter((name) => environments.includes(name)) }))
      .filter((each) => each.open.length > 0);
    if (sides.length < 2) return;
    const named = sides.map((each) => `${each.side} (${each.open.join(', ')})`);
    this.surroundings.report('never two open sides', atMs, `${and(named)} are open`);
  }

  /** Those of the web processes that people reach now. */
  private reached(wanted: (process: RunningProcess) => boolean): RunningProcess[] {
    const found = [...this.running.values()].filter(wanted);
    const reached = environmentsOf(found).filter((name) => this.surroundings.reachable(name));
    return found.filter(({ environment }) => reached.includes(environment));
  }
}

const keyOf = ({ instance, pid }: Happening) => `${instance}/${pid}`;

const isWeb = ({ argv }: Happening) => (argv as string[]).some((word) => word.endsWith('/gunicorn'));

const environmentsOf = (processes: RunningProcess[]) =>
  [...new Set(processes.map(({ environment }) => environment))].sort();

const and = (names: string[]) => names.join(' and ');
