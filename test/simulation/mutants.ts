import { syncRunbook } from '../../lib/upgrade/runbooks/sync';
import { startJobs } from '../../lib/upgrade/side/jobs';
import type { Make } from './courses';
import {
  type Change,
  credulous,
  early,
  fault,
  faultIn,
  idle,
  late,
  type Mutant,
  neverPast,
  nothing,
  of,
  together,
  unproved,
  without,
} from './mistakes';
import { carriedOut, type Outcome, type Plan } from './night';
import { rollingBack } from './rollbacks';
import type { Command } from './transport';

/** Jobs that start when a step is done. */
const jobsAfter =
  (id: string): Change =>
  (steps, ports) =>
    steps.map((step) =>
      step.id === id
        ? {
            ...step,
            act: async () => {
              const did = await step.act?.();
              const { to } = ports.settings.upgrade;
              const open = { live: to, access: 'open' as const };
              const read = async () => {
                const record = await ports.record.read();
                return { ...record, posture: { ...record.posture, ...open } };
              };
              await startJobs({ ...ports, record: Object.assign(Object.create(ports.record), { read }) }, to);
              return did ?? [];
            },
          }
        : step,
    );

const cutover = of('cutover');
const failback = of('failback');
const sync = of('sync');
const testSystem = of('test-system');
/** Options left out of a template stay set. */
function leavingOut(stack: string) {
  return ({ schema, input }: Command): void => {
    if ((schema as string[])[2] !== 'CreateChangeSet' || input.StackName !== stack) return;
    const template = JSON.parse(String(input.TemplateBody));
    for (const { Properties } of Object.values<{ Properties: { OptionSettings?: { OptionName: string }[] } }>(
      template.Resources,
    ))
      if (Properties.OptionSettings)
        Properties.OptionSettings = Properties.OptionSettings.filter(
          ({ OptionName }) => !/^STRIPE_/.test(OptionName),
        );
    input.TemplateBody = JSON.stringify(template);
  };
}

/** The lock of a run that failed says that nobody needs it. */
function freeingTheLock({ schema, input }: Command): void {
  if ((schema as string[])[2] !== 'PutObject' || input.Key !== 'runs/lock.json') return;
  input.Body = String(input.Body)
    .replace('"state": "kept"', '"state": "free"')
    .replace('"state":"kept"', '"state":"free"');
}

/** The copy lacks a row, as when a restore were not what it says. */
const incomplete = { faults: [fault('copy-incomplete', 'GetParameter /cobalt/production/upgrade/posture')] };
/** The losing side's environment cannot be changed at first. */
const unfrozen = { faults: [fault('resource-fails', 'CreateChangeSet CobaltBlue')] };
/** Nothing asks for the lock in the middle of an act. */
const unguarded: Change = (steps, ports) => {
  ports.guardCalls = () => {};
  return steps;
};
/** The machine sleeps in the middle of the first acts of a way back, until another has gone it to its end. */
const asleepAtFirst = { faults: [fault('asleep', 'CreateChangeSet CobaltDoor')] };
/** What repairs in the end would hide. */
const withoutLook = without('look-again');

/** Neither the lines by which a sync tells of faults are known, nor the tables that it fills. */
const credulousSync: Make = ({ settings, ...ports }) => {
  const { faultLine: _, ...sync } = settings.sync!;
  return syncRunbook({ ...ports, settings: { ...settings, sync: { ...sync, tables: ['accounts_user'] } } });
};
/** The copy is recorded as sanitised, and is not. */
const sanitisedByName: Change = (steps, { record }) =>
  steps.map((step) =>
    step.id === 'sanitise'
      ? {
          ...step,
          act: async () => {
            await record.writeTestSystem({
              ...(await record.readTestSystem())!,
              sanitised: { addresses: 0 },
            });
            return [];
          },
        }
      : step,
  );

export const mutants: Mutant[] = [
  cutover('the door of the old side stays open', without('close-door', 'refused')),
  cutover("the old side's jobs go on", without('stop-jobs')),
  cutover('the jobs are taken for stopped', together(credulous('stop-jobs'), without('at-rest'))),
  cutover(
    'nobody looks whether the database is at rest',
    together(without('at-rest'), early('snapshot', 'begin')),
  ),
  cutover(
    'the snapshot comes before the door is closed',
    together(early('snapshot', 'begin'), late('close-door', 'snapshot'), unproved('verify')),
  ),
  cutover('the old side is not frozen', without('freeze', 'prove-frozen')),
  cutover('the freeze is believed', credulous('freeze', 'prove-frozen')),
  cutover('the fence by omission', together(credulous('freeze', 'prove-frozen', 'look'), withoutLook), {
    alter: leavingOut('CobaltBlue'),
  }),
  cutover('rollback is on', nothing, { alter: rollingBack, ...unfrozen }),
  cutover('frozen is not recorded', without('record-frozen')),
  cutover('there is no snapshot', without('snapshot')),
  cutover('nothing is restored', without('restore')),
  cutover('the copy is not compared with its source', without('verify'), incomplete),
  cutover('the comparison is believed', credulous('verify'), incomplete),
  cutover('the blocked addresses are not kept', without('keep-blocked-emails')),
  cutover('the copy is not migrated', without('migrate')),
  cutover('the migration is believed', credulous('migrate')),
  cutover('the sessions of the source stay', without('empty-sessions')),
  cutover('the users are not converted', without('convert', 'put-back-blocked-emails')),
  cutover(
    'the users are converted when people are in',
    together(late('convert', 'open-door'), early('look', 'smoke-names')),
  ),
  cutover('the blocked addresses are not put back', without('put-back-blocked-emails')),
  cutover('the new side is given no database and no keys', without('repoint')),
  cutover('the new side may not read its keys', without('allow-keys')),
  cutover(
    'the winner comes before the loser',
    together(
      without('close-door', 'refused', 'at-rest'),
      early('allow-keys', 'verify'),
      early('repoint', 'verify'),
      late('deny-keys', 'let-testers-in'),
    ),
  ),
  cutover('jobs run in testing', jobsAfter('let-testers-in')),
  cutover('the names stay', without('names', 'smoke-names')),
  cutover('the new side is not opened', together(without('open-door', 'welcome'), withoutLook)),
  cutover('who was let in is kept out again', neverPast('smoke-names', 'look', 'test'), {
    faults: [faultIn('open-door done', 'given-up', 'GetParameter /cobalt/production/upgrade/posture')],
  }),
  cutover('jobs that are started late go on', idle('look'), {
    faults: [faultIn('doors done', 'asleep', 'SendCommand Cobalt start-jobs')],
  }),
  cutover('that it is open is not recorded', without('record-open')),
  cutover('its groups launch nothing still', without('release')),
  cutover('its jobs are not started', without('start-jobs')),
  cutover('it stays at one instance', together(without('full-size'), withoutLook)),
  cutover('the lock is released on failure', nothing, {
    alter: freeingTheLock,
    ...incomplete,
  }),
  failback("the new side's door stays open", without('close-door', 'refused')),
  failback("the new side's jobs go on", without('rest-new-side')),
  failback('nobody counts what is lost', without('count', 'losses')),
  failback('the old side is given no keys', without('swap-keys')),
  failback('the old side is not made ready', without('ready-old-side')),
  failback('the names stay', without('names')),
  failback("the old side's door stays closed", together(without('open-door', 'welcome'), withoutLook)),
  failback('the new side is not fenced', together(without('fence-new-side'), withoutLook)),
  failback('what the new side sent is sent again', without('take-over-sent')),
  failback("the old side's jobs are not started", without('start-jobs')),
  failback("the old side's groups launch nothing", without('release')),
  failback('the old side stays at one instance', together(without('full-size'), withoutLook)),
  failback('whoever lost the run goes on with an act', unguarded, asleepAtFirst),
  sync('the application is not told to read it', without('use')),
  sync('that it reads it is believed', credulous('use'), {
    faults: [fault('resource-fails', 'CreateChangeSet CobaltGreen')],
  }),
  sync('a centre that is silent is taken for one that has nothing', nothing, {
    faults: [fault('centre-silent', 'SendCommand Cobalt manage')],
    make: credulousSync,
  }),
  testSystem('the copy is harmless by name alone', sanitisedByName),
  testSystem(
    'the copy is harmless by name alone, and nobody looks again',
    together(sanitisedByName, unproved('point')),
  ),
  testSystem('it is pointed at the copy before that is harmless', early('point', 'password')),
  testSystem('the blocked addresses are not put back', without('put-back-blocked-emails')),
  testSystem('nothing is synced', without('sync')),
];

/** What caught a mistake: an invariant, or the tool itself, which would not go on. Undefined when nothing did. */
export function caughtBy({ faults }: Plan, { broken, errors, ended }: Outcome): string | undefined {
  const first = broken.find((text) => !text.startsWith(carriedOut));
  if (first !== undefined) return first.split(': ')[0];
  if (faults.length > 0 && ended === 'done') return undefined;
  const code = /: ([A-Z_]+): /.exec(errors[0] ?? '')?.[1];
  return code && `the tool refused to go on (${code})`;
}
