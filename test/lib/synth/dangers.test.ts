import { judge } from '../../../lib/synth/check';
import type { AcceptedChange } from '../../../lib/synth/dangers';
import { snapshotsIn } from '../../../lib/synth/files';
import { readSnapshots } from '../../../lib/synth/snapshot';
import type { Stacks } from '../../../lib/synth/stated';
import { faultLines } from '../../../lib/synth/told';

const existing = readSnapshots(snapshotsIn('config/synth'));

interface Resource {
  Type: string;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Properties: Record<string, unknown>;
}
type Resources = Record<string, Resource>;
interface Stack {
  TerminationProtection: boolean;
  Resources: Resources;
}

/** One stack as it exists. */
const alone = (name: string): Stacks => ({ upgrade: { [name]: existing.upgrade[name]! }, reversed: {} });

/** The same, but for a change in every situation that a filter names. */
function changed(name: string, change: (stack: Stack) => void, only = (_situation: string) => true): Stacks {
  const stacks = JSON.parse(JSON.stringify(alone(name))) as Stacks;
  for (const [situation, stack] of Object.entries(stacks.upgrade[name]!))
    if (only(situation)) change(stack as unknown as Stack);
  return stacks;
}

const dangersIn = (now: Stacks, accepted: AcceptedChange[] = []) =>
  judge(alone(Object.keys(now.upgrade)[0]!), now, [], accepted).dangers;

const database = ({ Resources }: Stack) => Resources.DatabaseB269D8BB!;
const web = ({ Resources }: Stack) => Resources.web08B6E5F3!;
const options = (stack: Stack) => web(stack).Properties.OptionSettings as Record<string, unknown>;

test('nothing is refused while nothing changes', () => {
  expect(judge(existing, existing, [], [])).toEqual({
    findings: [],
    dangers: [],
    accepted: [],
    unmet: [],
    changes: [],
  });
});

test.each<
  [
    what: string,
    stack: string,
    change: (stack: Stack) => void,
    resource: string | undefined,
    property: string,
  ]
>([
  [
    'another snapshot',
    'CobaltDatabaseGreen',
    (stack) => {
      database(stack).Properties.DBSnapshotIdentifier = 'another';
    },
    'DatabaseB269D8BB',
    'DBSnapshotIdentifier',
  ],
  [
    'no snapshot any more',
    'CobaltDatabaseGreen',
    (stack) => {
      delete database(stack).Properties.DBSnapshotIdentifier;
    },
    'DatabaseB269D8BB',
    'DBSnapshotIdentifier',
  ],
  [
    'another name of the database',
    'CobaltDatabaseGreen',
    (stack) => {
      database(stack).Properties.DBInstanceIdentifier = 'another';
    },
    'DatabaseB269D8BB',
    'DBInstanceIdentifier',
  ],
  [
    'what may replace the database',
    'CobaltDatabaseGreen',
    (stack) => {
      database(stack).Properties.StorageType = 'io2';
    },
    'DatabaseB269D8BB',
    'StorageType',
  ],
  [
    'a database that may be deleted',
    'CobaltDatabaseGreen',
    (stack) => {
      database(stack).Properties.DeletionProtection = false;
    },
    'DatabaseB269D8BB',
    'DeletionProtection',
  ],
  [
    'a database that goes with its stack',
    'CobaltDatabaseGreen',
    (stack) => {
      database(stack).DeletionPolicy = 'Delete';
    },
    'DatabaseB269D8BB',
    'DeletionPolicy',
  ],
  [
    'a database that goes when it is replaced',
    'CobaltDatabaseGreen',
    (stack) => {
      delete database(stack).UpdateReplacePolicy;
    },
    'DatabaseB269D8BB',
    'UpdateReplacePolicy',
  ],
  [
    'a stack that may be deleted',
    'CobaltTraffic',
    (stack) => {
      stack.TerminationProtection = false;
    },
    undefined,
    'TerminationProtection',
  ],
  [
    'another name of an environment',
    'CobaltBlue',
    (stack) => {
      web(stack).Properties.EnvironmentName = 'another';
    },
    'web08B6E5F3',
    'EnvironmentName',
  ],
  [
    'a CNAME for an environment that people made',
    'CobaltBlue',
    (stack) => {
      web(stack).Properties.CNAMEPrefix = 'another';
    },
    'web08B6E5F3',
    'CNAMEPrefix',
  ],
  [
    'an option left out of an environment',
    'CobaltBlue',
    (stack) => {
      delete options(stack)['aws:autoscaling:asg MinSize'];
    },
    'web08B6E5F3',
    'OptionSettings aws:autoscaling:asg MinSize',
  ],
  [
    'another logical id of a live name',
    'CobaltTraffic',
    ({ Resources }) => {
      Resources.Other = Resources.Livemyabfcomau3C0D3513!;
      delete Resources.Livemyabfcomau3C0D3513;
    },
    'Livemyabfcomau3C0D3513',
    'Type',
  ],
  [
    'another host name',
    'CobaltTraffic',
    ({ Resources }) => {
      Resources.Livemyabfcomau3C0D3513!.Properties.Name = 'another.example';
    },
    'Livemyabfcomau3C0D3513',
    'Name',
  ],
  [
    'another bucket for the journal',
    'CobaltOperations',
    ({ Resources }) => {
      Object.values(Resources)[0]!.Properties.BucketName = 'another';
    },
    Object.keys((existing.upgrade.CobaltOperations!.prepared as unknown as Stack).Resources)[0],
    'BucketName',
  ],
  [
    'a Deny on the payment keys that is no longer there',
    'CobaltFence',
    ({ Resources }) => {
      delete Resources.FencebluewebDeny6BF9AAA4;
    },
    'FencebluewebDeny6BF9AAA4',
    'Type',
  ],
  [
    'a resource of another type under the same logical id',
    'CobaltTraffic',
    ({ Resources }) => {
      Resources.Posture!.Type = 'AWS::S3::Bucket';
    },
    'Posture',
    'Type',
  ],
])('refuses %s', (_, stack, change, resource, property) => {
  expect(dangersIn(changed(stack, change))).toContainEqual(
    expect.objectContaining({ stack, resource, property }),
  );
});

test('refuses a stack of data that is no longer there', () => {
  const { CobaltDatabaseGreen: _, ...left } = existing.upgrade;
  expect(judge(existing, { ...existing, upgrade: left }, [], []).dangers).toEqual([
    expect.objectContaining({ stack: 'CobaltDatabaseGreen', resource: 'DatabaseB269D8BB', property: 'Type' }),
  ]);
});

test('refuses what only one posture changes, for the night would make it', () => {
  const now = changed(
    'CobaltDatabaseGreen',
    (stack) => {
      database(stack).Properties.DBSnapshotIdentifier = 'another';
    },
    (situation) => situation === 'green/testing',
  );
  const [danger] = judge(now, now, [], []).dangers;
  expect(danger).toMatchObject({
    property: 'DBSnapshotIdentifier',
    where: [{ direction: 'upgrade', situation: 'green/testing', from: 'blue/open' }],
  });
});

test('allows variables, sizes, targets and new resources to change, and a protection to come', () => {
  const now = changed('CobaltBlue', (stack) => {
    options(stack)['aws:autoscaling:asg MinSize'] = '3';
    options(stack)['aws:elasticbeanstalk:application:environment NEW'] = 'yes';
    stack.Resources.Added = web(stack);
    stack.TerminationProtection = true;
  });
  expect(dangersIn(now)).toEqual([]);
});

describe('a change that somebody accepted', () => {
  const now = changed('CobaltDatabaseGreen', (stack) => {
    database(stack).Properties.DBInstanceIdentifier = 'another';
  });
  const entry = {
    stack: 'CobaltDatabaseGreen',
    resource: 'DatabaseB269D8BB',
    property: 'DBInstanceIdentifier',
    from: 'cobalt-production-green',
    to: 'another',
    reason: 'No account has this stack yet.',
  };

  test('is told with its reason, and not refused', () => {
    const { dangers, accepted } = judge(alone(entry.stack), now, [], [entry]);
    expect(dangers).toEqual([]);
    expect(accepted).toEqual([entry]);
  });

  test('is told as not met where it was made already', () => {
    expect(judge(now, now, [], [entry]).unmet).toEqual([entry]);
  });

  test.each([
    ['stack', 'CobaltDatabaseBlue'],
    ['resource', 'Other'],
    ['property', 'DBSnapshotIdentifier'],
    ['from', 'something else'],
    ['to', 'something else'],
  ])('is refused where its %s is another', (key, value) => {
    expect(dangersIn(now, [{ ...entry, [key]: value }])).toHaveLength(1);
  });
});

test('says what, where, why and what to do', () => {
  const now = changed('CobaltDatabaseGreen', (stack) => {
    database(stack).Properties.DBSnapshotIdentifier = 'another';
  });
  expect(faultLines(judge(alone('CobaltDatabaseGreen'), now, [], []), 'config/synth').join('\n')).toBe(
    `✗ CobaltDatabaseGreen DatabaseB269D8BB DBSnapshotIdentifier
    was "cobalt-production-green-from-production-blue"
    is  "another"
    A new database is made, from the other snapshot, and this one is deleted with what people wrote to it.
    at  upgrade: blue/open, blue/testing, blue/frozen, green/open, green/testing, green/frozen, blue given up
    Take the change back. If it is meant, say why in config/synth/accepted-changes.yaml:
    - stack: CobaltDatabaseGreen
      resource: DatabaseB269D8BB
      property: DBSnapshotIdentifier
      from: cobalt-production-green-from-production-blue
      to: another
      reason: ""`,
  );
});
