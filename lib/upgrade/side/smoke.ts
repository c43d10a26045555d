import { previewHost, testerCookie } from '../../names';
import { PreconditionError, UpgradeError } from '../../runbook/errors';
import { type Evidence, fact } from '../../runbook/step';
import type { Settings, Side } from '../../settings';
import { lastLines } from '../on-instance';
import type { Ports } from '../ports';

type Check = NonNullable<Settings['smoke']>['checks'][number];
type Answer = Pick<Check, 'status' | 'text'>;

/** The page allows an hour for all of the testing (U14), which people begin when this has ended. */
const commandTimeoutSeconds = 10 * 60;

/**
 * What a tester who is not logged in gets from a side before the names lead to it.
 * @throws PreconditionError NO_PREVIEW for a side that was made by hand: no record leads to it but the live names.
 */
export async function smokeByPreview(ports: Ports, side: Side, maintenance: boolean): Promise<Evidence[]> {
  const { environments } = ports.settings.sides[side];
  const adopted = Object.values(environments).find(({ adoptedCname }) => adoptedCname);
  if (adopted)
    throw new PreconditionError('NO_PREVIEW', {
      so: `The environment ${adopted.name} of ${side} was made by hand: no name leads to it before the live ones do.`,
      next: 'Ask at the live names: npm run smoke -- --by names.',
    });
  return allChecks(ports, maintenance, (role) => [previewHost(ports.settings, environments[role]!.name)]);
}

/** What a tester who is not logged in gets at every live name. */
export function smokeByNames(ports: Ports, maintenance: boolean): Promise<Evidence[]> {
  return allChecks(ports, maintenance, (role) => ports.settings.roles[role]!.hosts);
}

async function allChecks(
  ports: Ports,
  maintenance: boolean,
  hostsOf: (role: string) => string[],
): Promise<Evidence[]> {
  const headers = await asTester(ports);
  const asked = (ports.settings.smoke?.checks ?? []).flatMap((check) => {
    const expected: Answer = (maintenance && check.maintenance) || check;
    return hostsOf(check.role).map((host) => evidenceOf(ports, host, check.path, headers, expected));
  });
  return Promise.all(asked);
}

async function evidenceOf(
  ports: Ports,
  host: string,
  path: string,
  headers: Record<string, string>,
  expected: Answer,
): Promise<Evidence> {
  const found = await observed(ports, host, path, headers, expected.text);
  return fact(`https://${host}${path}`, found, told(expected));
}

const told = ({ status, text }: Answer) => (text === undefined ? `${status}` : `${status} with "${text}"`);

/** A host that cannot be asked is an observation too: it may be up at the next look. */
async function observed(
  ports: Ports,
  host: string,
  path: string,
  headers: Record<string, string>,
  text?: string,
): Promise<string> {
  try {
    const answer = await ports.outside.ask(host, path, { headers });
    if (!answer) return 'no answer';
    if (text === undefined) return `${answer.status}`;
    return answer.body.includes(text)
      ? told({ status: answer.status, text })
      : `${answer.status} without "${text}"`;
  } catch (error) {
    if (error instanceof UpgradeError) return error.text.so;
    throw error;
  }
}

/** What lets the tool through a door that lets testers through. */
export async function asTester({ record }: Ports): Promise<Record<string, string>> {
  const testerToken = await record.readTesterToken();
  return testerToken === undefined ? {} : { cookie: `${testerCookie}=${testerToken}` };
}

/** Runs the command of the settings on this machine; none where they name none. */
export async function smokeCommand(ports: Ports): Promise<Evidence[]> {
  const command = ports.settings.smoke?.command;
  if (!command) return [];
  ports.progress(`running ${command.join(' ')}`);
  const { exitCode, output } = await ports.clock.working(() =>
    ports.localCommands.run(command, commandTimeoutSeconds),
  );
  return [
    {
      what: `what "${command.join(' ')}" ends with`,
      observed: `exit code ${exitCode}: ${lastLines(output)}`,
      expected: 'exit code 0',
      holds: exitCode === 0,
    },
  ];
}
