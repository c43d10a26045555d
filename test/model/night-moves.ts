import { judgeMove } from '../../lib/moves';
import { resolveWords, type Words } from '../../lib/posture';
import { accesses } from '../../lib/record';
import { type Settings, sides } from '../../lib/settings';
import type { Move } from './checker';
import type { NightStep } from './night-steps';
import type { NightState } from './night-world';
import * as world from './night-world';

/** Everything that may happen next in a night. */

type Change = (settings: Settings, night: NightState) => NightState;
type Look = (settings: Settings, night: NightState) => boolean;

interface Plain {
  holds: Look;
  act?: Change;
}

const rests: (side: 'from' | 'to') => Plain = (which) => ({
  holds: ({ upgrade }, { sides: at }) => !at[upgrade[which]].jobs && !at[upgrade[which]].launches,
  act: (settings, night) => world.withSide(night, settings.upgrade[which], { jobs: false, launches: false }),
});

const recorded = (
  holds: (copy: NonNullable<ReturnType<typeof world.copyOf>>) => boolean,
  changes:
    | Parameters<typeof world.changeCopy>[2]
    | ((settings: Settings) => Parameters<typeof world.changeCopy>[2]),
): Plain => ({
  holds: (settings, night) => {
    const copy = world.copyOf(settings, night);
    return copy !== undefined && holds(copy);
  },
  act: (settings, night) =>
    world.changeCopy(settings, night, typeof changes === 'function' ? changes(settings) : changes),
});

const isClosed: Look = (_, { names, sides: at }) => at[names].widest === 'closed';

/** The steps that deploy nothing: what holds after each, and what it does. */
const plain: Record<string, Plain> = {
  'rest-new-side': rests('to'),
  'stop-jobs': rests('from'),
  refused: { holds: isClosed },
  'at-rest': {
    holds: (settings, night) => isClosed(settings, night) && rests('from').holds(settings, night),
  },
  snapshot: { holds: (settings, night) => world.copyOf(settings, night) !== undefined, act: world.snapshot },
  restore: recorded(
    ({ endpoint }) => endpoint !== undefined,
    ({ upgrade }) => world.facts.endpoint(upgrade.to),
  ),
  migrate: recorded(({ migrated }) => migrated, { migrated: true }),
  'empty-sessions': recorded(({ sessionsEmptied }) => sessionsEmptied === true, { sessionsEmptied: true }),
  convert: recorded(({ converted }) => converted !== undefined, world.facts.converted),
  'put-back-blocked-emails': recorded(
    ({ blockedEmails }) => blockedEmails?.putBack !== undefined,
    world.facts.putBack,
  ),
  'prove-frozen': {
    holds: ({ upgrade }, { sides: at }) => {
      const { process, jobs, launches, mayRead } = at[upgrade.from];
      return !process?.armed && process?.state === 'fenced' && !jobs && !launches && !mayRead;
    },
    act: (settings, night) => rests('from').act!(settings, night),
  },
};

/** At the end of a runbook, of the side that opened. */
const ofWinner = (id: string, winner: 'from' | 'to'): Plain | undefined => {
  if (id === 'release')
    return {
      holds: ({ upgrade }, { sides: at }) => at[upgrade[winner]].launches,
      act: ({ upgrade }, night) => world.withSide(night, upgrade[winner], { launches: true }),
    };
  if (id !== 'start-jobs') return undefined;
  return {
    holds: ({ upgrade }, { sides: at }) => at[upgrade[winner]].jobs,
    act: ({ upgrade }, night) => world.withSide(night, upgrade[winner], { jobs: true }),
  };
};

export const hasPlain = (id: string) => plain[id] !== undefined || ofWinner(id, 'to') !== undefined;

/** The two runbooks, and by what rules a night goes on. Each rule that is not kept is a deliberate mistake. */
export interface Night {
  settings: Settings;
  /** Whether somebody types a bare deploy, once. */
  isDisturbed: boolean;
  /** Whether a door may take longer to be so everywhere than an environment takes to be updated. */
  isDoorSlow: boolean;
  /** The steps that count as done still, once somebody else has deployed and a person has confirmed it. */
  stillDone(state: NightState): string[];
  /** Whether the code judges a move by the record. */
  isJudged: boolean;
  /** Whether a fenced template says that there are no keys: one that says nothing of them leaves them, and tells nobody. */
  statesNoKeys: boolean;
  cutover: NightStep[];
  failback: NightStep[];
}

export function moves(night: Night, state: NightState): Move<NightState>[] {
  const all = [...ofRun(night, state), ...ofAws(night, state), ...ofOthers(night, state)];
  return all.map((move) => ({ ...move, to: settled(night, move.to) }));
}

/** What holds is seen at once: a step that is done later lets others begin later, and no other ones. */
export function settled(night: Night, state: NightState): NightState {
  const step = ready(night, state).find((each) => isDone(night.settings, state, each));
  return step ? settled(night, { ...state, done: [...state.done, step.id] }) : state;
}

const ready = (night: Night, { runbook, done }: NightState) =>
  night[runbook].filter(({ id, needs }) => !done.includes(id) && needs.every((each) => done.includes(each)));

const at = ({ record: { posture } }: NightState) => `${posture.live}/${posture.access}`;

function wordsOf({ deploys }: NightStep, state: NightState): Words {
  return deploys!.words[at(state)] ?? Object.values(deploys!.words)[0]!;
}

function plainOf(state: NightState, id: string): Plain | undefined {
  return ofWinner(id, state.runbook === 'cutover' ? 'to' : 'from') ?? plain[id];
}

function isDone(settings: Settings, state: NightState, step: NightStep): boolean {
  if (step.pastIn.includes(at(state))) return true;
  const recorded = resolveWords(state.record.posture, {});
  if (step.pastWithDoorsIn.includes(at(state)) && world.isDeployed(settings, state, 'door', recorded))
    return true;
  if (step.deploys) return world.isDeployed(settings, state, step.deploys.part, wordsOf(step, state));
  if (step.provesTesters && state.sides[settings.upgrade.to].widest !== 'closed') return false;
  return plainOf(state, step.id)!.holds(settings, state);
}

function ofRun(night: Night, state: NightState): Move<NightState>[] {
  // Before each act the run looks whether somebody else changes something, and waits until they have ended.
  const isOthers = state.bare !== undefined;
  return [
    ...(isOthers ? [] : ready(night, state).flatMap((step) => act(night, state, step))),
    ...(state.runbook === 'cutover'
      ? [{ name: 'the failback begins', to: { ...state, runbook: 'failback' as const, done: [] } }]
      : []),
    { name: 'the process ends, and another goes on', to: { ...state, done: [] } },
  ];
}

function act(night: Night, state: NightState, step: NightStep): Move<NightState>[] {
  const { settings } = night;
  const { id, deploys } = step;
  if (!deploys) {
    const to = plainOf(state, id)!.act?.(settings, state);
    return to ? [{ name: `${id} acts`, to }] : [];
  }
  const words = wordsOf(step, state);
  if (!mayDeploy(night, state, step, words)) return [];
  const name = `${id} deploys ${deploys.part} towards ${words.live}/${words.access}`;
  return [{ name, to: world.deploy(settings, state, deploys.part, words) }];
}

/** As the step itself judges: by the record, by what is observed, and behind which doors. */
function mayDeploy(
  { settings, isJudged }: Night,
  state: NightState,
  { id, deploys, wantsNewDoorClosed, wantsNewSideStill, wantsNoOldKeys }: NightStep,
  words: Words,
): boolean {
  if (!isJudged) return true;
  const { from, to } = settings.upgrade;
  const { part } = deploys!;
  const { sides: at } = state;
  if (wantsNewDoorClosed && at[to].door !== 'closed') return false;
  if (wantsNewSideStill && !rests('to').holds(settings, state)) return false;
  if (wantsNoOldKeys && at[from].keys) return false;
  if (state.runbook === 'failback') {
    const servesAgain = id === 'ready-old-side' && at[from].door === 'closed';
    return judgeMove(settings, state.record, words, { servesAgain }).length === 0;
  }
  const behindClosedDoor =
    words.access === 'testing' && (part === 'fence' || part === to) && at[to].door === 'closed';
  const illegal = judgeMove(settings, state.record, words, { behindClosedDoor }).length > 0;
  return !illegal && (part === 'door' || !world.isHindered(settings, state, words));
}

/** What instances get that start now. An option that a template leaves out keeps the value that it had. */
function startedAs(side: world.SideState, statesNoKeys: boolean) {
  const process = world.started(side);
  const keys = process !== undefined && (process.armed || (!statesNoKeys && side.keys));
  return { process, keys };
}

/** What was begun goes on by itself, at any time. */
function ofAws({ isDoorSlow, statesNoKeys }: Night, state: NightState): Move<NightState>[] {
  const isEverywhere = sides.every((side) => state.sides[side].door === state.sides[side].widest);
  return sides.flatMap((side) => {
    const { allowed, mayRead, door, widest } = state.sides[side];
    const next = startedAs(state.sides[side], statesNoKeys);
    const isUpdated = world.isUpdated(state.sides[side]);
    return [
      ...(next.process && !isUpdated && (isDoorSlow || isEverywhere)
        ? [{ name: `${side} is updated`, to: world.withSide(state, side, next) }]
        : []),
      ...(allowed !== mayRead
        ? [{ name: `IAM knows of ${side}`, to: world.withSide(state, side, { mayRead: allowed }) }]
        : []),
      ...(door !== widest
        ? [
            {
              name: `the door of ${side} is so everywhere`,
              to: world.withSide(state, side, { widest: door }),
            },
          ]
        : []),
    ];
  });
}

/** What goes wrong, and what others do. */
function ofOthers(night: Night, state: NightState): Move<NightState>[] {
  const fault = (name: string, to: NightState, kind: string) => ({
    name,
    to: { ...to, faults: [...state.faults, kind] },
    fault: true,
  });
  const isNew = (kind: string) => !state.faults.includes(kind);
  const replaced = sides
    .filter((side) => isNew('instance') && state.sides[side].launches)
    .map((side) =>
      fault(
        `the instance of ${side} is replaced, and installs its cron`,
        world.withSide(state, side, { ...startedAs(state.sides[side], night.statesNoKeys), jobs: true }),
        'instance',
      ),
    );
  if (state.bare) return [...replaced, ...ofBare(night, state, state.bare)];
  if (!night.isDisturbed || !isNew('bare')) return replaced;
  const given = sides.flatMap((live) =>
    accesses.map((access) => resolveWords(state.record.posture, { live, access })),
  );
  return [
    ...replaced,
    ...given
      .filter((words) => world.mayDeploy(night.settings, state, words))
      .map((words) =>
        fault(
          `somebody types cdk deploy --all -c live=${words.live} -c access=${words.access}`,
          { ...state, bare: { words, record: state.record, left: world.inOrder(words) } },
          'bare',
        ),
      ),
  ];
}

function ofBare(
  { settings, stillDone }: Night,
  state: NightState,
  { words, record, left }: NonNullable<NightState['bare']>,
): Move<NightState>[] {
  const done = stillDone(state);
  // CloudFormation goes on when an environment has been updated, and fails when its instances do not start.
  const updating = sides.filter((side) => !world.isUpdated(state.sides[side]));
  if (updating.some((side) => world.started(state.sides[side]) === undefined))
    return [{ name: 'their deploy fails', to: { ...state, bare: undefined, done } }];
  if (updating.length > 0) return [];
  const [part, ...rest] = left;
  const to = world.deploy(settings, state, part!, words, record);
  return [
    {
      name: `their deploy changes ${part} towards ${words.live}/${words.access}`,
      to: rest.length > 0 ? { ...to, bare: { words, record, left: rest } } : { ...to, bare: undefined, done },
    },
  ];
}
