import { cname, cnamePrefix } from '../../names';
import type { Ports } from '../ports';
import { takenDoors } from '../side/door';
import { type Check, type Finding, finding, judged, type PlacedEnvironment, type Survey } from './check';
import { fallsInto } from './weekly';

const deployAll = 'Build it: npm run prep, or npx cdk deploy --all.';

/**
 * AWS's words for an environment that serves, of enhanced and of basic health. A warning may be no more than a few visitors
 * who asked for what is not there.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-status.html
 */
const healthy = new Set(['Ok', 'Info', 'Warning', 'Green', 'Yellow']);

export const ready = (survey: Survey): Check => ({
  id: 'environments',
  title: 'Every environment is there, Ready and healthy, with an instance',
  look: async () => (await survey.environments()).map(readiness),
});

function readiness({ name, found }: PlacedEnvironment): Finding {
  const expected = 'Ready, healthy, with an instance';
  if (!found) return finding(name, 'not there', expected, deployAll);
  const { status, health, instances } = found;
  const holds = status === 'Ready' && healthy.has(health) && instances.length > 0;
  return judged(holds, {
    what: name,
    observed: `${status}, ${health}, ${instances.length} instance(s)`,
    expected,
    next: `Look why (eb health ${name}, eb events ${name}) and mend it.`,
  });
}

/** A prefix that is somebody else's would fail the creation; one that leads elsewhere would lead people there. */
export const cnames = (survey: Survey): Check => ({
  id: 'cnames',
  title: 'Each environment answers at the CNAME that the names will lead to, or can get it',
  look: async () => Promise.all((await survey.environments()).map((place) => cnameOf(survey.ports, place))),
});

async function cnameOf({ settings, catalogue }: Ports, place: PlacedEnvironment): Promise<Finding> {
  const { side, role, name, found } = place;
  const expected = cname(settings, side, role);
  if (found)
    return finding(
      `the CNAME of ${name}`,
      found.cname,
      expected,
      `Give sides.${side}.environments.${role} the adoptedCname ${found.cname}, or look whose environment it is.`,
    );
  const isFree = await catalogue.isFree(cnamePrefix(settings, name));
  return finding(
    expected,
    isFree ? 'free' : 'taken',
    'free',
    'Somebody has it: give the environment another name in the settings.',
  );
}

/**
 * Variables from parameters need a platform version released on that day or later.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/AWSHowTo.secrets.env-vars.html
 */
const secretsSince = new Date('2025-03-26T00:00:00Z');

export const platforms = (survey: Survey): Check => ({
  id: 'platforms',
  title:
    'Every platform version can take variables from parameters, and the new side has that of the settings',
  look: async () => {
    const { settings, catalogue } = survey.ports;
    const existing = await survey.existing();
    const arns = new Map(existing.map(({ found, ...place }) => [found.platformArn, place]));
    const dates = [...arns.keys()].map(async (arn) => {
      const released = (await catalogue.platform(arn))?.releasedAt;
      return judged(released !== undefined && released >= secretsSince, {
        what: `the release of ${nameOf(arn)}`,
        observed: released?.toISOString().slice(0, 10) ?? 'not known',
        expected: '2025-03-26 or later',
        next: `Update the platform of ${arns.get(arn)!.name} (eb upgrade), some days before.`,
      });
    });
    const ofNew = existing.filter(({ side, role }) => !settings.sides[side].environments[role]!.adoptedCname);
    return [
      ...(await Promise.all(dates)),
      ...ofNew.map(({ name, found }) =>
        finding(
          `the platform of ${name}`,
          nameOf(found.platformArn),
          nameOf(settings.environment.platformArn),
          `The next deploy would change it back: set environment.platformArn of the settings to ${found.platformArn}.`,
        ),
      ),
    ];
  },
});

const nameOf = (platformArn: string) => platformArn.split('::platform/').at(-1) ?? platformArn;

/** P4. */
export const versions = (survey: Survey): Check => ({
  id: 'versions',
  title: 'The environments of a side run the same version, and the application has it',
  look: async () => {
    const { settings, catalogue } = survey.ports;
    const existing = await survey.existing();
    const { versionLabel } = settings.environment;
    const labels = [...new Set([...existing.map(({ found }) => found.versionLabel), versionLabel])];
    const known = await catalogue.versions(labels);
    const { from, to } = settings.upgrade;
    return [from, to].flatMap((side) => {
      const ofSide = existing.filter((each) => each.side === side);
      const [first, ...others] = ofSide.map(({ found }) => found.versionLabel);
      if (first === undefined)
        return [
          finding(
            `the version ${versionLabel}, which ${side} will be built with`,
            known.includes(versionLabel) ? 'kept' : 'not there',
            'kept',
            `Make it (eb appversion --create --label ${versionLabel}), or name another as environment.versionLabel.`,
          ),
        ];
      const installed = [...new Set([first, ...others])];
      const next = `Install one on all of ${side}: eb deploy ENVIRONMENT --version ${first}`;
      const kept = known.includes(first) ? 'kept' : 'gone';
      return [
        finding(`the version on the environments of ${side}`, installed.join(' and '), first, next),
        finding(
          `the version ${first}`,
          kept,
          'kept',
          `A new instance of ${side} could not install it: eb deploy another.`,
        ),
      ];
    });
  },
});

/** "One role for each environment" is what the second lock on the payment keys rests on. */
export const roles = (survey: Survey): Check => ({
  id: 'roles',
  title: 'Each environment has the role that the settings give it',
  look: async () =>
    (await survey.existing()).map(({ side, role, name, found }) =>
      finding(
        `the instance profile of ${name}`,
        (found.options['aws:autoscaling:launchconfiguration:IamInstanceProfile'] ?? 'none')
          .split('/')
          .at(-1)!,
        survey.ports.settings.sides[side].environments[role]!.instanceRole,
        `Give ${name} a role of its own and name it in sides.${side}.environments.${role}.instanceRole; changing it replaces its instances.`,
      ),
    ),
});

/**
 * An environment's weekly window of managed updates is two hours long.
 * https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/environment-platform-update-managed.html
 */
const managedMinutes = 120;
const managed = 'aws:elasticbeanstalk:managedactions';

export const managedUpdates = (survey: Survey): Check => ({
  id: 'managed-updates',
  title: 'No managed update of an environment falls into the night',
  look: async () =>
    (await survey.existing()).map(({ name, found: { options } }) => {
      const isOn = options[`${managed}:ManagedActionsEnabled`] === 'true';
      const begins = options[`${managed}:PreferredStartTime`] ?? 'at a time that is not told';
      return judged(!isOn || !fallsInto(survey.window, begins, managedMinutes), {
        what: `managed updates of ${name}`,
        observed: isOn ? `${begins} UTC, for two hours` : 'off',
        expected: 'off, or outside of the night',
        next: `Move them: Elastic Beanstalk, ${name}, Configuration, Managed updates; or turn them off until afterwards.`,
      });
    }),
});

export const doors = (survey: Survey): Check => ({
  id: 'doors',
  title: 'No load balancer has a web ACL of somebody else',
  look: async () => {
    const taken = await takenDoors(survey.ports);
    if (taken.length === 0)
      return [finding('web ACLs of others before the load balancers', 'none', 'none', '')];
    return taken.map(({ so, next }) => finding('a web ACL of another', so, 'none', next));
  },
});
