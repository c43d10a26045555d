import { ApplicationError } from '../../../sandbox/application/failure';
import { charge } from '../../../sandbox/application/payments';
import { instanceWith } from '../../../sandbox/application/place';
import { readSettings, type Settings } from '../../../sandbox/application/settings';
import type { DeployedApplication } from '../../../sandbox/build';
import type { CronEntry, Process, WebRequest, WebResponse, World } from '../../../sandbox/world';
import { commands, migrations } from './commands';
import { Connection } from './connection';
import type { Row } from './data';
import type { ModelServers } from './servers';

const crontab: CronEntry[] = [
  { command: 'post_office_email_sender_cron', everyMs: 30_000 },
  { command: 'auto_pay_batch', dailyAt: '23:05' },
];

/** What maintenance mode leaves as the view answered it. */
const neverSwapped = ['/accounts/login/', '/notifications/ses/event-webhook/'];

/** What the web server in front of the application says when the application does not answer. */
const unwell = { status: 502, headers: {}, body: '<h1>502 Bad Gateway</h1>' };

function isUnwell(flaps: { fromMs: number; forMs: number } | undefined, nowMs: number): boolean {
  if (!flaps) return false;
  const sinceMs = nowMs - flaps.fromMs;
  return sinceMs < flaps.forMs && Math.floor(sinceMs / 60_000) % 2 === 0;
}

/** By the name of an environment: since when, and for how long, its instances are well every other minute only. */
export type Flapping = Map<string, { fromMs: number; forMs: number }>;

interface Around {
  releasesBefore: string[];
  centre?: { answers: boolean };
  flapping?: Flapping;
}

/**
 * The application as an upgrade meets it, without a server behind it: the same order of things as the stand-in, and the
 * same faults. A view runs before anybody looks at maintenance mode; every request of somebody logged in writes; a batch
 * of e-mails is noted as sent when all of it is; hooks and cron run on every new instance.
 */
export function modelApplication(
  world: World,
  servers: ModelServers,
  { releasesBefore, centre = { answers: true }, flapping = new Map() }: Around,
): DeployedApplication {
  const place = (environ: Record<string, string>) => {
    const instance = instanceWith(world, environ);
    return {
      environment: instance?.environment ?? 'unknown',
      upgraded: !releasesBefore.includes(instance?.versionLabel ?? ''),
    };
  };
  return {
    crontab,
    hookCommands: [['migrate'], ['createsu'], ['add_notifications_templates']],
    migrations,

    async serve(web, request) {
      const settings = readSettings(web.environ);
      const at = place(web.environ);
      if (isUnwell(flapping.get(at.environment), world.clock.nowMs())) return unwell;
      return new Visit(world, servers, web, settings, at, request).answer();
    },

    async manage(args, environ, print, killed) {
      const [name = '', ...rest] = args;
      const { environment, upgraded } = place(environ);
      const command = commands[name];
      if (!command || (command.onlyUpgraded && !upgraded)) {
        print(`Unknown command: '${name}'\n`, 'stderr');
        return 1;
      }
      const settings = readSettings(environ);
      const owner = {};
      try {
        const database = Connection.open(world, servers, owner, settings);
        const work = async (durationMs: number) => {
          await world.clock.sleep(durationMs);
          return killed?.aborted ?? false;
        };
        return await command.act({
          world,
          database,
          settings,
          environment,
          upgraded,
          args: rest,
          print,
          work,
          centre,
        });
      } catch (error) {
        if (!(error instanceof ApplicationError)) throw error;
        print(error.traceback(), 'stderr');
        return 1;
      } finally {
        leave(world, servers, settings, owner);
      }
    },

    async close(process) {
      leave(world, servers, readSettings(process.environ), process);
    },
  };
}

function leave(world: World, servers: ModelServers, { databaseHost }: Settings, owner: unknown): void {
  const place = world.databases.connectionTo(databaseHost);
  if (place) servers.at(place.port)?.sessions.delete(owner);
}

const page = (status: number, body: string, headers: Record<string, string> = {}): WebResponse => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body,
});

/** One request on its way through the application. */
class Visit {
  private readonly writes: { table: string; id: number | string }[] = [];
  private readonly path: string;
  private user: Row | undefined;
  private opened: Connection | undefined;

  constructor(
    private readonly world: World,
    private readonly servers: ModelServers,
    private readonly web: Process,
    private readonly settings: Settings,
    private readonly place: { environment: string; upgraded: boolean },
    private readonly request: WebRequest,
  ) {
    this.path = request.path.split('?')[0]!;
  }

  answer(): WebResponse {
    const response = this.afterMaintenance();
    const { environment } = this.place;
    const facts = {
      environment,
      endpoint: this.settings.databaseHost,
      path: this.path,
      status: response.status,
    };
    for (const write of this.writes) {
      this.world.happened('write.committed', { ...write, ...facts });
      if (response.status < 400) this.world.happened('write.acknowledged', { ...write, ...facts });
    }
    return response;
  }

  private afterMaintenance(): WebResponse {
    const response = this.viewOrErrorPage();
    if (!this.settings.maintenance || this.user?.is_superuser || neverSwapped.includes(this.path))
      return response;
    return page(503, 'MyABF is down for maintenance.');
  }

  private viewOrErrorPage(): WebResponse {
    try {
      this.user = this.whoAsks();
      if (this.user) this.write('accounts_user', this.user.id, { last_activity: this.world.clock.nowMs() });
      return this.view();
    } catch (error) {
      if (!(error instanceof ApplicationError)) throw error;
      return this.errorPage(error);
    }
  }

  /** With a login that only reads, or without a database, even the error cannot be noted. */
  private errorPage(error: ApplicationError): WebResponse {
    try {
      this.insert('utils_error500', { summary: error.message });
      return page(200, 'Something went wrong. Our support team has been told.');
    } catch {
      return page(500, '<h1>Server Error (500)</h1>');
    }
  }

  private view(): WebResponse {
    switch (`${this.request.method} ${this.path}`) {
      case 'GET /':
        return page(
          200,
          this.user
            ? `Dashboard of ${this.user.username}.`
            : `Welcome to MyABF. ${this.database.rows('events_event').length}`,
        );
      case 'GET /accounts/login/':
        this.database.rows('events_event');
        return page(200, 'Log in to MyABF');
      case 'POST /accounts/login/':
        return this.logIn();
      case 'POST /events/enter':
        return this.user ? this.enter() : this.toLogin();
      case 'POST /payments/pay':
        return this.user ? this.pay() : this.toLogin();
      case 'POST /payments/stripe-webhook':
        return this.stripe();
      case 'POST /notifications/ses/event-webhook/':
        return this.ses();
      case 'GET /notifications/ses/event-webhook/':
        return page(405, 'Method not allowed');
      default:
        return page(404, 'Page not found');
    }
  }

  private toLogin(): WebResponse {
    return page(302, '', { location: '/accounts/login/' });
  }

  private logIn(): WebResponse {
    const form = new URLSearchParams(this.request.body);
    const user = this.database
      .rows('accounts_user')
      .find(({ username }) => username === form.get('username'));
    if (!user) return page(200, 'That user name and password do not match.');
    const id = `session-${user.id}-${this.world.clock.nowMs()}`;
    this.insert('django_session', { id, user: user.id });
    this.write('accounts_user', user.id, { last_login: this.world.clock.nowMs() });
    return page(302, '', { location: '/', 'set-cookie': `sessionid=${id}; Path=/` });
  }

  /** Each save is committed on its own. */
  private enter(): WebResponse {
    const entry = this.insert('events_evententry', {
      entrant: this.user!.id,
      entry_complete_date: this.world.clock.nowMs(),
    });
    this.insert('events_evententryplayer', { entry: entry.id, player_id: this.user!.id });
    this.mail(String(this.user!.email));
    return page(200, `Entry ${entry.id} received.`);
  }

  private pay(): WebResponse {
    const { mode } = charge(this.settings);
    const { id } = this.insert('payments_stripetransaction', { member_id: this.user!.id, status: 'Pending' });
    const { environment } = this.place;
    const endpoint = this.settings.databaseHost;
    this.world.happened('charged', {
      environment,
      endpoint,
      amount: 50,
      mode,
      automatic: false,
      stripeTransactionId: id,
    });
    this.insert('payments_membertransaction', { member_id: this.user!.id, stripe_transaction_id: id });
    return page(200, `Payment ${id} of 50 received.`);
  }

  private stripe(): WebResponse {
    const { data } = JSON.parse(this.request.body) as {
      data: { object: { metadata: { cobalt_pay_id: number } } };
    };
    const id = data.object.metadata.cobalt_pay_id;
    if (this.database.find('payments_stripetransaction', id))
      this.write('payments_stripetransaction', id, {
        status: 'Succeeded',
        last_change_date: this.world.clock.nowMs(),
      });
    return page(200, '');
  }

  private ses(): WebResponse {
    const { Message } = JSON.parse(this.request.body) as { Message: string };
    const id = (JSON.parse(Message) as { mail: { headers: { value: string }[] } }).mail.headers[0]!.value;
    const mail = this.database.rows('post_office_email').find(({ messageId }) => messageId === id);
    if (mail && !this.database.find('notifications_snooper', mail.id))
      this.insert('notifications_snooper', { id: mail.id });
    return page(200, '');
  }

  /** Where the playpen is not disabled the address is another, whoever sends it later. */
  private mail(to: string): void {
    const row = { to: this.settings.playpenDisabled ? to : 'success@simulator.amazonses.com', status: 2 };
    const { id } = this.insert('post_office_email', row);
    this.database.update('post_office_email', id, {
      messageId: `<${id}-${this.settings.databaseHost}@myabf.com.au>`,
    });
  }

  private whoAsks(): Row | undefined {
    const cookie =
      Object.entries(this.request.headers).find(([name]) => name.toLowerCase() === 'cookie')?.[1] ?? '';
    const key = /(?:^|;\s*)sessionid=([^;]+)/.exec(cookie)?.[1];
    const session = key ? this.database.find('django_session', key) : undefined;
    return session && this.database.find('accounts_user', session.user);
  }

  private insert(table: string, values: Record<string, unknown>): Row {
    const row = this.database.insert(table, values);
    this.writes.push({ table, id: row.id });
    return row;
  }

  private write(table: string, id: number | string, change: Record<string, unknown>): void {
    this.database.update(table, id, change);
    this.writes.push({ table, id });
  }

  private get database(): Connection {
    this.opened ??= Connection.open(this.world, this.servers, this.web, this.settings);
    return this.opened;
  }
}
