import { Lock } from '../../lib/runbook/lock';
import { lockKey } from '../../lib/runbook/lock-file';
import { endsWell, explore, type Model, story } from './checker';
import { counted, documentation } from './documentation';
import { isMishap, LockWorld, lockProperties } from './lock-world';

/** A world can be played but once: another way from the same state is played from the beginning. */
class Played {
  readonly key: string;
  readonly isOver: boolean;
  readonly broken: ReadonlyMap<string, string>;
  readonly choices: string[];

  private constructor(
    private readonly begin: () => LockWorld,
    private readonly schedule: string[],
    private readonly world: LockWorld,
  ) {
    this.key = world.key();
    this.isOver = world.isOver;
    this.broken = new Map(world.broken);
    this.choices = world.choices();
  }

  static async from(begin: () => LockWorld, schedule: string[] = []): Promise<Played> {
    const world = await begin().begin();
    for (const choice of schedule) await world.play(choice);
    return new Played(begin, schedule, world);
  }

  async moves() {
    const [last, ...others] = this.choices;
    const anew = others.map((choice) => Played.from(this.begin, [...this.schedule, choice]));
    const all = [await Promise.all(anew), last === undefined ? [] : [await this.goOn(last)]].flat();
    return all.map((to) => ({ name: to.schedule.at(-1)!, to, fault: isMishap(to.schedule.at(-1)!) }));
  }

  private async goOn(choice: string): Promise<Played> {
    await this.world.play(choice);
    return new Played(this.begin, [...this.schedule, choice], this.world);
  }
}

async function explored(begin = () => new LockWorld()) {
  const model: Model<Played> = {
    initial: await Played.from(begin),
    key: ({ key }) => key,
    moves: (played) => played.moves(),
    properties: Object.fromEntries(
      Object.values(lockProperties).map((name) => [name, ({ broken }: Played) => broken.get(name)]),
    ),
    isGoal: ({ isOver }) => isOver,
    bound: 60,
  };
  return explore(model);
}

afterEach(() => jest.restoreAllMocks());

test('however the calls of two processes fall, and whatever their clocks say', async () => {
  const found = await explored();
  expect(found.broken && story(found.broken)).toBeUndefined();
  console.log(`The lock: ${counted(found)}`);
  expect(documentation).toContain(`| the lock | ${counted(found)} |`);
  for (const property of [...Object.values(lockProperties), endsWell])
    expect(documentation).toContain(`- ${property}\n`);
});

describe('a mistake is found:', () => {
  const otherwise = (method: 'keep' | 'check', does: (this: Lock) => Promise<void>) => {
    jest.spyOn(Lock.prototype, method).mockImplementation(does);
    return new LockWorld(['freeze', 'names']);
  };

  test.each<[string, () => LockWorld, string]>([
    [
      'the lock is released on failure',
      () =>
        otherwise('keep', function () {
          return this.free();
        }),
      lockProperties.free,
    ],
    ['nobody asks for the lock before an act', () => otherwise('check', async () => {}), lockProperties.late],
    [
      'the lock is written whoever has it',
      () => new LockWorld(['freeze'], (key) => key === lockKey),
      lockProperties.heard,
    ],
    [
      'a line of the journal is written over another',
      () => new LockWorld(['freeze'], (key) => key !== lockKey),
      lockProperties.blocks,
    ],
  ])('%s', async (_, begin, property) => {
    const { broken } = await explored(begin);
    expect(broken?.property).toBe(property);
  });
});
