import { judgeMove } from '../../lib/moves';
import {
  type DoorPosition,
  type EnvironmentPosture,
  type Posture,
  posture,
  type Words,
} from '../../lib/posture';
import { type DatabaseRecord, databaseInTheMaking, type UpgradeRecord } from '../../lib/record';
import { otherSide, type Settings, type Side, sides } from '../../lib/settings';
import { judge } from '../../lib/upgrade/run/invariants';
import type { ObservedEnvironment } from '../../lib/upgrade/side/observed';
import type { Part } from '../../lib/upgrade/steps/deploy-step';
import { before, readied, restored } from '../support/upgrade';

/** What a night is made of, and what each act does to it. What a side is declared to be comes from `posture`, and nothing else. */

export interface SideState {
  /** What the template that was deployed last says of the environment that takes payments. */
  template: EnvironmentPosture;
  /** What its processes were started with; undefined where none could be started. */
  process: EnvironmentPosture | undefined;
  /** Whether its processes hold the payment keys. */
  keys: boolean;
  /** Whether its role is allowed the keys by the fence that was deployed last, and by what IAM answers now. */
  allowed: boolean;
  mayRead: boolean;
  jobs: boolean;
  /** Whether its groups may launch instances. */
  launches: boolean;
  /** Where its door was put last, and the widest that it stands anywhere still. */
  door: DoorPosition;
  widest: DoorPosition;
}

export interface NightState {
  record: UpgradeRecord;
  sides: Record<Side, SideState>;
  names: Side;
  /** Which runbook holds the lock, and what of it is done. */
  runbook: 'cutover' | 'failback';
  done: string[];
  /** Somebody's bare deploy: the words and the record that it was synthesised from, and the stacks that are left. */
  bare: { words: Words; record: UpgradeRecord; left: Part[] } | undefined;
  /** What has gone wrong so far, of what may go wrong once. */
  faults: string[];
}

const width: Record<DoorPosition, number> = { closed: 0, testers: 1, open: 2 };
const widest = (one: DoorPosition, other: DoorPosition) => (width[one] > width[other] ? one : other);

/** The same is asked again and again. */
const known = new Map<string, Posture>();
function declare(settings: Settings, record: UpgradeRecord, words: Words): Posture {
  const key = JSON.stringify([settings.upgrade, record, words]);
  const declared = known.get(key) ?? posture(settings, record, words);
  known.set(key, declared);
  return declared;
}

/** The one environment of a side that takes payments. */
export const paying = (settings: Settings, record: UpgradeRecord, words: Words, side: Side) =>
  Object.values(declare(settings, record, words).sides[side].environments).find(
    ({ role }) => settings.roles[role]!.payments,
  )!;

export function evening(settings: Settings): NightState {
  const record = before(settings);
  const words = { ...record.posture, reassert: false };
  const stateOf = (side: Side): SideState => {
    const declared = paying(settings, record, words, side);
    const { armed, jobs, door } = declared;
    return {
      template: declared,
      process: declared,
      keys: armed,
      allowed: armed,
      mayRead: armed,
      jobs,
      launches: true,
      door,
      widest: door,
    };
  };
  return {
    record,
    sides: { blue: stateOf('blue'), green: stateOf('green') },
    names: record.posture.live,
    runbook: 'cutover',
    done: [],
    bare: undefined,
    faults: [],
  };
}

export function withSide(night: NightState, side: Side, changes: Partial<SideState>): NightState {
  return { ...night, sides: { ...night.sides, [side]: { ...night.sides[side], ...changes } } };
}

/** A stack is deployed as these words declare it by this record. */
export function deploy(
  settings: Settings,
  night: NightState,
  part: Part,
  words: Words,
  record = night.record,
): NightState {
  const declared = declare(settings, record, words);
  if (part === 'traffic')
    return { ...night, names: declared.live, record: { ...night.record, posture: declared.record } };
  const changed: readonly Side[] = part === 'door' || part === 'fence' ? sides : [part];
  return changed.reduce<NightState>((so, side) => {
    const wanted = paying(settings, record, words, side);
    const { door } = wanted;
    if (part === 'door') return withSide(so, side, { door, widest: widest(so.sides[side].widest, door) });
    if (part === 'fence') return withSide(so, side, { allowed: wanted.armed });
    return withSide(so, side, { template: wanted });
  }, night);
}

/** Whether a stack is deployed so, and what runs obeys it. */
export function isDeployed(settings: Settings, night: NightState, part: Part, words: Words): boolean {
  const declared = declare(settings, night.record, words);
  if (part === 'traffic') return night.names === declared.live && same(night.record.posture, declared.record);
  const concerned = part === 'door' || part === 'fence' ? sides : [part];
  return concerned.every((side) => {
    const wanted = paying(settings, night.record, words, side);
    const { door, allowed, template, process } = night.sides[side];
    if (part === 'door') return door === wanted.door;
    if (part === 'fence') return allowed === wanted.armed;
    return sameObeyed(template, wanted) && process !== undefined && sameObeyed(process, wanted);
  });
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** What a process is given: neither its jobs nor its door nor how many there are. */
export const obeyed = ({ armed, variables, stamp }: EnvironmentPosture) =>
  JSON.stringify([armed, stamp, Object.values(variables)]);
const sameObeyed = (one: EnvironmentPosture, other: EnvironmentPosture) => obeyed(one) === obeyed(other);

/** Whether what runs obeys what was deployed last. */
export const isUpdated = ({ template, process }: SideState) =>
  process !== undefined && sameObeyed(process, template);

/** What an instance gets that starts now: without its keys none starts. */
export function started({ template, mayRead }: SideState): EnvironmentPosture | undefined {
  return template.armed && !mayRead ? undefined : template;
}

/** The database that is being made, changed as a verb records it. */
export function changeCopy(
  settings: Settings,
  night: NightState,
  changes: Partial<DatabaseRecord>,
): NightState {
  const copy = copyOf(settings, night);
  if (!copy) return night;
  const databases = night.record.databases.map((each) =>
    each.id === copy.id ? { ...each, ...changes } : each,
  );
  return { ...night, record: { ...night.record, databases } };
}

export const copyOf = ({ upgrade }: Settings, { record }: NightState) =>
  databaseInTheMaking(record, upgrade.to) ??
  record.databases.find(({ side }) => side === upgrade.to && record.posture.live === side);

export function snapshot(settings: Settings, night: NightState): NightState {
  const { to } = settings.upgrade;
  const copy = restored(to, { endpoint: undefined, migrated: false });
  return { ...night, record: { ...night.record, databases: [...night.record.databases, copy] } };
}

export const facts = {
  endpoint: (side: Side) => ({ endpoint: restored(side).endpoint }),
  converted: { converted: readied.converted },
  putBack: { blockedEmails: readied.blockedEmails },
};

/** Whether a person's `cdk deploy --all` is let through by what is recorded and by what Auto Scaling may launch. */
export function mayDeploy(settings: Settings, night: NightState, words: Words): boolean {
  return judgeMove(settings, night.record, words).length === 0 && !isHindered(settings, night, words);
}

/** What `hindrances` observes, as far as it is in the model. */
export function isHindered(_: Settings, { record, sides: at }: NightState, { live, access }: Words): boolean {
  if (record.posture.live === live && record.posture.access === access) return false;
  const { jobs, launches } = at[live];
  if (access === 'open') return !launches;
  if (access === 'testing') return launches || jobs;
  return record.posture.access === 'open' && launches;
}

/** The stacks of a deploy of everything, in the order of their dependencies. */
export const inOrder = ({ live }: Words): Part[] => ['door', 'fence', otherSide(live), live, 'traffic'];

/** Each is one of the code's own, and judged by the code itself. */
export const invariants = [
  'never two environments able to charge',
  'never two open sides',
  'never an open side on an unready database',
];
export const servesWithKeys = 'never a side that is recorded and let open, and holds no keys';
export const leavesNoKeys = 'when a runbook is over the other side holds no keys';

/** What of an invariant is not so; a door that is changing is as wide as it is anywhere. */
export function broken(settings: Settings, night: NightState, invariant: string): string | undefined {
  const environments = sides.map((side): ObservedEnvironment => {
    const { template, process, keys, jobs, widest: door } = night.sides[side];
    const payments: Record<string, 'armed' | 'not-set'> = { key: keys ? 'armed' : 'not-set' };
    const processes = process ? [{ pid: 1, variables: process.variables, payments, forbidden: {} }] : [];
    const instances = [{ instance: side, cron: { running: jobs, enabled: jobs }, commands: 0, processes }];
    const found = {
      status: 'Ready',
      health: '',
      versionLabel: '',
      cname: '',
      size: { min: 1, max: 1 },
      variables: {},
      suspended: [],
      door,
      instances,
    };
    return { side, role: template.role, name: template.name, found };
  });
  const databases = night.record.databases.map(({ id, endpoint }) => ({ id, endpoint, status: 'available' }));
  return judge({ settings, record: night.record, environments, databases }).find(
    (each) => each.invariant === invariant,
  )?.evidence;
}

/** The keys of the side that the names lead to. */
export function keyless({ record, names, sides: at }: NightState): string | undefined {
  const { live, access } = record.posture;
  const { door, process, keys } = at[names];
  const serves = live === names && access === 'open' && door === 'open';
  return serves && process && !keys ? `${names} is open without its keys` : undefined;
}

export function keyOf({ record, sides: at, names, runbook, done, bare, faults }: NightState): string {
  const ofSide = ({ template, process, ...rest }: SideState) => [
    obeyed(template),
    process && obeyed(process),
    Object.values(rest),
  ];
  return JSON.stringify([
    record,
    ofSide(at.blue),
    ofSide(at.green),
    names,
    runbook,
    [...done].sort(),
    bare,
    [...faults].sort(),
  ]);
}
