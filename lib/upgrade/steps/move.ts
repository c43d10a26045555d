import { type Evidence, fact, type Step } from '../../runbook/step';
import { putBackBlockedEmails } from '../database/blocked-emails';
import { convertUsers } from '../database/convert-users';
import { noKeysEvidence } from '../side/side-evidence';
import { smokeByPreview } from '../side/smoke';
import { copyOf } from './copy';
import { deployStep } from './deploy-step';
import { condition, declaredIn, type Night, readsUntilEverywhere, recorded, step, told } from './night';

/** U10: the keys move from one role to the other, once no process of the old side holds them. */
export const allowNewKeys = (night: Night): Step =>
  deployStep(night, {
    id: 'allow-keys',
    title: `Allow ${night.to} the payment keys`,
    seed: ['U10'],
    after: ['prove-frozen', 'verify'],
    minutes: 0.3,
    phase: 'frozen',
    towards: 'testing',
    part: 'fence',
    preconditions: [oldSideHoldsNoKeys(night)],
  });

/** U7 to U10: both environments in one update, behind a closed door and while the copy is migrated. */
export const repoint = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'repoint',
    title: `Point ${night.to} at its database, and give it the payment keys`,
    seed: ['U7', 'U8', 'U9', 'U10'],
    after: ['allow-keys'],
    minutes: 5,
    phase: 'frozen',
    towards: 'testing',
    part: night.to,
    preconditions: [oldSideHoldsNoKeys(night)],
  }),
  byHand: `npx cdk deploy --all -c live=${night.to} -c access=testing`,
});

function oldSideHoldsNoKeys(night: Night) {
  const { ports, from } = night;
  return condition(`no process of ${from} holds payment keys`, async () => {
    const { declared } = await declaredIn(night, 'frozen');
    return noKeysEvidence(ports, declared, from);
  });
}

/** U14: from here on the testers pass, and nobody else does. */
export const letTestersIn = (night: Night): Step =>
  deployStep(night, {
    id: 'let-testers-in',
    title: `Let the testers through the door of ${night.to}`,
    seed: ['U14'],
    after: ['repoint', 'migrate', 'empty-sessions'],
    minutes: 0.5,
    phase: 'frozen',
    towards: 'testing',
    part: 'door',
  });

/** U14, a first part: the new side answers under its preview names, before anybody is led there. */
export function smokeBefore(night: Night): Step {
  const { ports, to } = night;
  return step(night, 'frozen', {
    id: 'smoke-preview',
    title: `${to} answers as it should under its preview names`,
    seed: ['U14'],
    after: ['let-testers-in'],
    minutes: 0.2,
    reads: readsUntilEverywhere,
    byHand: `npm run smoke -- --side ${to} --by preview`,
    postconditions: [condition('every smoke check holds', () => smokeByPreview(ports, to, false))],
  });
}

/** U11 and U12: all three names, and the record. */
export const moveNames = (night: Night): Step => ({
  ...deployStep(night, {
    id: 'names',
    title: `Lead every name to ${night.to}`,
    seed: ['U11', 'U12'],
    after: ['smoke-preview', 'let-testers-in'],
    minutes: 1,
    phase: 'frozen',
    towards: 'testing',
    part: 'traffic',
    preconditions: [oldSideHoldsNoKeys(night)],
  }),
  byHand: `npx cdk deploy --all -c live=${night.to} -c access=testing`,
});

/** U13, while the new side starts on the copy and the names move. */
export function convert(night: Night): Step {
  const { ports } = night;
  return step(night, 'testing', {
    id: 'convert',
    title: 'Convert the users',
    seed: ['U13'],
    after: ['migrate'],
    minutes: 4,
    deadlineMinutes: 240,
    calls: ['on instance: manage', 'ssm PutParameter'],
    byHand: 'npm run convert-users',
    postconditions: [
      recorded(night, 'users converted', 'a number, every row accounted for', (record) => {
        const converted = copyOf(night, record)?.converted;
        return converted && `${converted.converted}, ${converted.duplicates} left whose number was taken`;
      }),
    ],
    act: async () => {
      const { converted, duplicates, nameless } = await convertUsers(ports);
      return [
        fact('users converted', String(converted), String(converted)),
        listed('numbers left, for a user has them already', duplicates),
        listed('numbers left, for want of a name', nameless),
      ];
    },
  });
}

const listed = (what: string, numbers: number[]): Evidence =>
  told(what, numbers.length === 0 ? 'none' : numbers.join(', '));

/** U17, before any job can run: the sender would mail these people. */
export function putBack(night: Night): Step {
  const { ports } = night;
  return step(night, 'testing', {
    id: 'put-back-blocked-emails',
    title: 'Put the blocked e-mails back',
    seed: ['U17'],
    after: ['convert'],
    minutes: 0.2,
    calls: ['on instance: put-back-blocked-emails', 'ssm PutParameter'],
    byHand: 'npm run blocked-emails -- put-back',
    postconditions: [
      recorded(night, 'blocked addresses that are back', 'a number', (record) =>
        copyOf(night, record)?.blockedEmails?.putBack?.toString(),
      ),
    ],
    act: async () => {
      const { kept, putBack, leftNumbers, duplicateNumbers } = await putBackBlockedEmails(ports);
      return [
        fact('blocked addresses accounted for', String(putBack + leftNumbers.length), String(kept)),
        listed('kept numbers that nobody has', leftNumbers),
        listed('kept numbers that went to a user who was there before', duplicateNumbers),
      ];
    },
  });
}
