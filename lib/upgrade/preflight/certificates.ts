import { liveHosts, previewHost, previewHosts } from '../../names';
import type { Settings } from '../../settings';
import { type Check, type Finding, finding, judged, type PlacedEnvironment, type Survey } from './check';
import type { Certificate } from './ports';

/** A certificate that is used, and the names it must do for. */
interface Use {
  arn: string;
  places: string[];
  hosts: Set<string>;
}

/** A renewal that is stuck shows itself long before: one that ends sooner is somebody's task now. */
const daysAfterwards = 30;
const dayMs = 24 * 60 * 60_000;

/** A deploy binds the one of the settings; what a listener has by now may be another. */
export const certificates = (survey: Survey): Check => ({
  id: 'certificates',
  title: `Every certificate is issued, covers its names, and lasts for ${daysAfterwards} days after the night`,
  look: async () => {
    const existing = await survey.existing();
    const uses = usesOf(survey.ports.settings, existing);
    const each = uses.map((use) => look(survey, use));
    return [...(await Promise.all(each)).flat(), ...existing.flatMap(unbound(survey.ports.settings))];
  },
});

type Existing = PlacedEnvironment & { found: { options: Record<string, string> } };

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html */
const bound = ({ found: { options } }: Existing): string[] =>
  Object.entries(options).flatMap(([option, value]) =>
    /^aws:elbv2:listener:[^:]+:SSLCertificateArns$/.test(option) ? value.split(',').filter(Boolean) : [],
  );

function usesOf(settings: Settings, existing: Existing[]): Use[] {
  const { from, to } = settings.upgrade;
  const all = [...liveHosts(settings), ...previewHosts(settings, from), ...previewHosts(settings, to)];
  const { certificateArn } = settings.environment;
  const uses = new Map([
    [certificateArn, { arn: certificateArn, places: ['environment.certificateArn'], hosts: new Set(all) }],
  ]);
  for (const place of existing)
    for (const arn of bound(place)) {
      const { places, hosts } = uses.get(arn) ?? { places: [], hosts: new Set() };
      const own = hostsOf(settings, place);
      uses.set(arn, { arn, places: [...places, place.name], hosts: new Set([...hosts, ...own]) });
    }
  return [...uses.values()];
}

function hostsOf(settings: Settings, { side, role, name }: Existing): string[] {
  const { hosts } = settings.roles[role]!;
  const isAdopted = settings.sides[side].environments[role]!.adoptedCname;
  return isAdopted ? hosts : [...hosts, previewHost(settings, name)];
}

/** An environment made by hand may do without, as it does today; a new one's template binds one. */
const unbound =
  (settings: Settings) =>
  (place: Existing): Finding[] => {
    const { side, role, name } = place;
    if (bound(place).length > 0) return [];
    const isAdopted = settings.sides[side].environments[role]!.adoptedCname !== undefined;
    return [
      judged(isAdopted, {
        what: `the listeners of ${name}`,
        observed: 'without a certificate',
        expected: isAdopted ? 'told' : 'with a certificate',
        next: 'Bind that of the settings: npx cdk deploy --all.',
      }),
    ];
  };

async function look({ ports, window }: Survey, use: Use): Promise<Finding[]> {
  const { arn, places } = use;
  const id = arn.split('/').at(-1);
  const mend = `It is that of ${places.join(', ')}. Mend it (aws acm describe-certificate --certificate-arn ${arn} says what it waits for), or bind another and name it as environment.certificateArn.`;
  const what = `the certificate ${id}`;
  // Those kept in IAM may be bound as well, and only IAM knows them.
  const isAsked = arn.startsWith('arn:aws:acm:');
  const found = isAsked ? await ports.certificates.find(arn) : undefined;
  const status = found?.status ?? (isAsked ? 'not there' : 'not of ACM, so not looked at');
  if (!found || status !== 'ISSUED') return [finding(what, status, 'ISSUED', mend)];
  const needed = new Date(window.from.getTime() + window.minutes * 60_000 + daysAfterwards * dayMs);
  return [
    finding(what, status, 'ISSUED', mend),
    ofNames(what, use, found),
    judged(found.endsAt !== undefined && found.endsAt > needed, {
      what: `the end of ${what}`,
      observed: found.endsAt?.toISOString().slice(0, 10) ?? 'not told',
      expected: `after ${needed.toISOString().slice(0, 10)}`,
      next: mend,
    }),
  ];
}

function ofNames(what: string, { places, hosts }: Use, { names }: Certificate): Finding {
  const missing = [...hosts].filter((host) => !names.some((name) => covers(name, host)));
  const [first, ...others] = hosts;
  const besides = others.length > 0 ? ` --subject-alternative-names ${others.join(' ')}` : '';
  return finding(
    `the names of ${what}`,
    missing.length > 0 ? `without ${missing.join(', ')}` : 'all covered',
    'all covered',
    `Request one that has them, then bind it to ${places.join(', ')}: aws acm request-certificate --validation-method DNS --domain-name ${first}${besides}`,
  );
}

/**
 * An asterisk stands for one label, neither for none nor for two.
 * https://www.rfc-editor.org/rfc/rfc9525#section-6.3
 */
export function covers(name: string, host: string): boolean {
  const [lowerName, lowerHost] = [name.toLowerCase(), host.toLowerCase()];
  if (!lowerName.startsWith('*.')) return lowerName === lowerHost;
  const dot = lowerHost.indexOf('.');
  return dot > 0 && lowerHost.slice(dot) === lowerName.slice(1);
}
