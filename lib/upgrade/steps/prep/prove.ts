import { type Evidence, fact, type Step } from '../../../runbook/step';
import { nightWindow } from '../../preflight/night-window';
import { preflight } from '../../preflight/preflight';
import { logInEverywhere, loginHosts, type Superuser } from '../../side/log-in';
import { longestTtlSeconds, longRecords, shortenRecords } from '../../side/records';
import { noKeysEvidence, sideEvidence } from '../../side/side-evidence';
import { testerLink } from '../../side/tester-link';
import { condition, declaredIn, type Night, told } from '../night';
import { plainStep } from '../plain-step';

/** P3: asked of every process, and of every role. */
export const provePrepared = (night: Night): Step =>
  plainStep({
    id: 'prepared',
    title: `Prove that ${night.to} is fenced: maintenance, no payment keys`,
    seed: ['P3', 'P4'],
    after: ['rest-new-side'],
    minutes: 1,
    byHand: 'npm run status',
    postconditions: [
      condition(`every process of ${night.to} is in maintenance, on no database of people's`, async () => {
        const { declared } = await declaredIn(night, 'open');
        return sideEvidence(night.ports, declared, night.to);
      }),
      condition(`no process of ${night.to} holds payment keys`, async () => {
        const { declared } = await declaredIn(night, 'open');
        return noKeysEvidence(night.ports, declared, night.to);
      }),
    ],
  });

/** P4: the version that is there is what the night will open. */
export const observeVersion = (night: Night): Step =>
  plainStep({
    id: 'version',
    title: `See that one version is installed on all of ${night.to}`,
    seed: ['P4'],
    after: ['build'],
    minutes: 0.1,
    byHand: 'eb deploy ENVIRONMENT --version LABEL, for each environment of the new side',
    postconditions: [
      condition(`the environments of ${night.to} run one version`, async () =>
        checksHold(night, ['versions']),
      ),
    ],
  });

/** The names of today may be plain records that resolvers keep for five minutes. */
export const lowerRecords = (night: Night): Step => {
  const { ports } = night;
  return plainStep({
    id: 'records',
    title: `Let resolvers keep the live names for ${longestTtlSeconds} seconds at most`,
    seed: ['U11', 'U12'],
    after: [],
    minutes: 1,
    calls: ['route53 ChangeResourceRecordSets'],
    touches: ['traffic'],
    byHand: `In Route 53, the TTL of each live name that is no alias: ${longestTtlSeconds}`,
    gate: async () => {
      const long = await longRecords(ports);
      return {
        will: long.map(
          ({ name, type, target, ttlSeconds }) =>
            `${name} (${type} ${target}) is kept for ${longestTtlSeconds} seconds, no longer for ${ttlSeconds}. It leads where it led.`,
        ),
        check: ['Nobody else changes these records now.'],
      };
    },
    postconditions: [
      condition('no live name is kept for longer', async () => {
        const long = await longRecords(ports);
        const names = long.map(({ name, ttlSeconds }) => `${name}, ${ttlSeconds} seconds`);
        return [fact('live names that are kept for longer', names.join('; ') || 'none', 'none')];
      }),
    ],
    act: async () => {
      const lowered = await shortenRecords(ports);
      return lowered.map(({ name, ttlSeconds }) =>
        told(`how long ${name} was kept`, `${ttlSeconds} seconds`),
      );
    },
  });
};

/** P5. Whoever gives no superuser is asked to log in. */
export function logIn(night: Night, superuser: Superuser | undefined): Step {
  const { ports, from, to } = night;
  const { loginForm } = ports.settings;
  const hosts = [from, to].flatMap((side) => loginHosts(ports.settings, side));
  const step = plainStep({
    id: 'login',
    title: 'Log in to both systems',
    seed: ['P5'],
    after: ['prepared', 'doors'],
    minutes: 1,
    byHand: `npm run tester-link; with a browser, log in at ${hosts.join(', ')}`,
  });
  if (loginForm && superuser) return { ...step, act: () => logInEverywhere(ports, loginForm, superuser) };
  return {
    ...step,
    gate: async () => ({
      will: ['Nothing is changed: you tell that you did what is below.'],
      check: [
        `With this link a browser passes the door: ${(await testerLink(ports)).links.join(' ')}`,
        ...hosts.map((host) => `A superuser could log in at https://${host}${loginForm?.path ?? ''}`),
      ],
    }),
  };
}

/** At the end nothing may stand in the way of a night. */
export const nothingInTheWay = (night: Night): Step =>
  plainStep({
    id: 'preflight',
    title: 'Repeat every check',
    seed: ['P1', 'P3', 'P4'],
    after: ['login', 'version', 'records', 'reader', 'early-snapshot'],
    minutes: 1,
    byHand: 'npm run preflight',
    postconditions: [condition('nothing stands in the way of a night', () => checksHold(night))],
  });

async function checksHold({ ports }: Night, ids?: string[]): Promise<Evidence[]> {
  const checked = await preflight(ports, nightWindow(ports), ids);
  return checked.flatMap(({ findings }) =>
    findings.map(({ what, observed, expected, holds }) => ({ what, observed, expected, holds })),
  );
}
