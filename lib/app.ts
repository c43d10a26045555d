import { rmSync } from 'node:fs';
import { Annotations, App, type AppProps, CliCredentialsStackSynthesizer, Stack } from 'aws-cdk-lib';
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';
import { context } from '../cdk.json';
import {
  type Circumstances,
  judgeMove,
  judgeRetirement,
  preparedOnPeoplesData,
  type Refusal,
  wouldBuildAnew,
} from './moves';
import { stackNames } from './names';
import { posture, type Words } from './posture';
import type { DatabaseDescription, UpgradeRecord } from './record';
import { otherSide, type Settings, type Side } from './settings';
import { DatabaseStack, isRestorable } from './stacks/database';
import { DoorStack } from './stacks/door';
import { FenceStack } from './stacks/fence';
import { OperationsStack } from './stacks/operations';
import { OriginalDatabaseStack } from './stacks/original-database';
import { SideStack } from './stacks/side';
import { TrafficStack } from './stacks/traffic';

export interface StacksInput {
  settings: Settings;
  record: UpgradeRecord;
  words: Words;
  /** Given where the stacks must not be deployable, as when the record comes from a file. */
  account?: string;
  /** What stands in the way of the move besides its legality, as AWS was observed. */
  hindrances?: Refusal[];
  /** Why nobody but a run may deploy now. */
  reserved?: Refusal[];
  circumstances?: Circumstances;
}

/** Adds every stack of the upgrade to an app. */
export function addStacks(app: App, input: StacksInput): void {
  const { settings, record, words } = input;
  const names = stackNames(settings);
  const declared = posture(settings, record, words);
  const props = () => ({
    settings,
    env: { account: input.account ?? settings.account, region: settings.region },
    // The operator's own rights decide, not those of roles that a bootstrap made.
    synthesizer: new CliCredentialsStackSynthesizer(),
    terminationProtection: true,
  });
  const operations = new OperationsStack(app, names.operations, props());
  const door = new DoorStack(app, names.door, {
    ...props(),
    posture: declared,
    record: record.door ?? { loadBalancers: {} },
  });
  const fence = new FenceStack(app, names.fence, { ...props(), posture: declared });
  const given = (side: Side) => {
    const retiring = words.retire === side;
    return { ...props(), retiring, terminationProtection: !retiring };
  };
  const databases = record.databases.filter(isRestorable).filter(({ gone }) => !gone?.finalSnapshot);
  const stores = databases.map(
    (database) =>
      new DatabaseStack(app, names.database(database.side, database.generation), {
        ...given(database.side),
        database,
      }),
  );
  const side = (which: Side) =>
    new SideStack(app, names.side(which), {
      ...given(which),
      posture: declared.sides[which],
      versions: record.versions,
    });
  const loser = otherSide(words.live);
  const losing = declared.sides[loser].state === 'retired' ? [] : [side(loser)];
  const winning = side(words.live);
  const traffic = new TrafficStack(app, names.traffic, { ...props(), posture: declared });
  inOrder([operations, door, fence, ...losing, winning, traffic]);
  const illegal = [
    ...preparedOnPeoplesData(settings, record),
    ...judgeMove(settings, record, words, input.circumstances),
  ];
  refuse([door, fence, ...losing, winning, traffic], illegal);
  refuse([...losing, winning, ...stores], judgeRetirement(settings, record, words));
  refuse(losing, wouldBuildAnew(settings, record, words));
  // A door closes whatever its side is doing: that is what it is for.
  refuse([fence, ...losing, winning, traffic], input.hindrances ?? []);
  refuse([operations, door, fence, ...losing, winning, traffic, ...stores], input.reserved ?? []);
}

function refuse(stacks: Stack[], refusals: Refusal[]): void {
  for (const { so, next } of refusals)
    for (const stack of stacks) Annotations.of(stack).addError(`${so} Nothing was changed. ${next}`);
}

/** The loser gives up its keys before the winner gets them, and names move last. */
function inOrder(stacks: Stack[]): void {
  stacks.reduce((before, after) => {
    after.addStackDependency(before);
    return after;
  });
}

/** The command line's feature flags. A refused move is synthesised all the same: it is its deploy that fails. */
const flags = { ...context, '@aws-cdk/core:annotationsInValidationReport': false };

/** An app of its own, for tests and for what deploys a single stack. */
export function buildApp(input: StacksInput, props?: AppProps): App {
  const app = new App({ analyticsReporting: false, context: flags, ...props });
  addStacks(app, input);
  return app;
}

/** No template tells where its constructs were made, which takes a fifth of a synthesis. */
const templatesAlone: AppProps = {
  context: { ...flags, [DISABLE_CREATION_STACK_TRACES]: true },
  treeMetadata: false,
};

/** The template of one stack as text, exactly as `cdk deploy` would send it. */
export function templateOf(input: StacksInput, stackName: string): string {
  const assembly = buildApp(input, templatesAlone).synth();
  try {
    return JSON.stringify(assembly.getStackByName(stackName).template, undefined, 1);
  } finally {
    rmSync(assembly.directory, { recursive: true, force: true });
  }
}

/**
 * An app of one stack, which holds a database that no other stack made; without the database only its name is known, which
 * is enough to destroy it.
 */
export function originalDatabaseApp(
  settings: Settings,
  stack: string,
  database: DatabaseDescription | undefined,
  props?: AppProps,
): App {
  const app = new App({ analyticsReporting: false, context: flags, ...props });
  const env = { account: settings.account, region: settings.region };
  const given = { env, synthesizer: new CliCredentialsStackSynthesizer() };
  if (database) new OriginalDatabaseStack(app, stack, { ...given, database });
  else new Stack(app, stack, given);
  return app;
}
