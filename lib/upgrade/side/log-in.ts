import { previewHost, testerCookie } from '../../names';
import { StepFailedError, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Settings, Side } from '../../settings';
import type { Ports } from '../ports';

/** A person who may log in during maintenance. The password is in memory alone. */
export interface Superuser {
  name: string;
  password: string;
}

type Form = NonNullable<Settings['loginForm']>;

/** Where each environment of a side is reached from outside: by its own name, or else by the live ones. */
export function loginHosts({ sides, roles, ...settings }: Settings, side: Side): string[] {
  return Object.entries(sides[side].environments).map(([role, { name, adoptedCname }]) =>
    adoptedCname ? roles[role]!.hosts[0]! : previewHost({ sides, roles, ...settings }, name),
  );
}

/**
 * P5: really logs in to every environment of both sides, through the testers' door, as a browser does.
 * @throws StepFailedError LOGIN_FAILED
 */
export async function logInEverywhere(ports: Ports, form: Form, who: Superuser): Promise<Evidence[]> {
  const { from, to } = ports.settings.upgrade;
  const hosts = [from, to].flatMap((side) => loginHosts(ports.settings, side));
  const evidence = await Promise.all(hosts.map((host) => logIn(ports, host, form, who)));
  const failed = evidence.filter(({ holds }) => !holds);
  if (failed.length === 0) return evidence;
  throw new StepFailedError('LOGIN_FAILED', {
    so: `${who.name} cannot log in: ${failed.map(({ what, observed }) => `${what}: ${observed}`).join('; ')}.`,
    changed: 'Where the login succeeded there is a session more.',
    next: 'Log in yourself with a browser (npm run tester-link), mend what it shows, and run the same command again.',
  });
}

async function logIn(ports: Ports, host: string, form: Form, who: Superuser): Promise<Evidence> {
  const what = `what ${who.name} gets at https://${host}`;
  const expected = told(form.afterwards);
  try {
    return fact(what, await new Browser(ports, host).logIn(form, who), expected);
  } catch (error) {
    if (!(error instanceof UpgradeError)) throw error;
    return fact(what, error.text.so, expected);
  }
}

const told = ({ path, status, text }: Form['afterwards']) =>
  text === undefined ? `${status} at ${path}` : `${status} at ${path} with "${text}"`;

/** As much of a browser as a login needs: it keeps cookies, and sends a form with the token that Django put into it. */
class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly ports: Ports,
    private readonly host: string,
  ) {}

  /** What is seen in the end, or where it went no further. */
  async logIn(form: Form, who: Superuser): Promise<string> {
    const testerToken = await this.ports.record.readTesterToken();
    if (testerToken !== undefined) this.cookies.set(testerCookie, testerToken);
    const page = await this.ask(form.path);
    if (page?.status !== 200) return page ? `${page.status} at ${form.path}` : 'no answer';
    const token = /name=["']csrfmiddlewaretoken["'][^>]*value=["']([^"']+)["']/.exec(page.body)?.[1];
    const fields = new URLSearchParams({
      ...(token === undefined ? {} : { csrfmiddlewaretoken: token }),
      [form.userField]: who.name,
      [form.passwordField]: who.password,
    });
    const answer = await this.ask(form.path, fields.toString());
    if (answer?.status !== 302 || !this.cookies.has(form.sessionCookie))
      return `${answer?.status ?? 'no answer'} to the form, which lets nobody in`;
    const { path, text } = form.afterwards;
    const seen = await this.ask(path);
    if (!seen) return 'no answer';
    if (text !== undefined && !seen.body.includes(text)) return `${seen.status} at ${path} without "${text}"`;
    return told({ ...form.afterwards, status: seen.status });
  }

  /** Of a form that is sent over TLS, Django asks from which page it comes. */
  private async ask(path: string, form?: string) {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    const headers = {
      ...(cookie === '' ? {} : { cookie }),
      ...(form === undefined
        ? {}
        : {
            'content-type': 'application/x-www-form-urlencoded',
            origin: `https://${this.host}`,
            referer: `https://${this.host}${path}`,
          }),
    };
    const answer = await this.ports.outside.ask(this.host, path, {
      headers,
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const each of answer?.cookies ?? []) {
      const [name = '', ...value] = each.split('=');
      this.cookies.set(name, value.join('='));
    }
    return answer;
  }
}
