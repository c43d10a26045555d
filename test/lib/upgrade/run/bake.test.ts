import type { Evidence } from '../../../../lib/runbook/step';
import type { EnvironmentHealth, Ports } from '../../../../lib/upgrade/ports';
import { Bake } from '../../../../lib/upgrade/run/bake';
import { at, cobalt } from '../../../support/upgrade';

const { activity: _, ...uncounted } = cobalt;
const minuteMs = 60_000;

/** A new side that was opened, as far as it is watched; a test changes what is seen of it. */
class Opened {
  nowMs = Date.parse('2026-11-25T12:00:00Z');
  readonly openedAt = new Date(this.nowMs);
  readonly told: string[] = [];
  health: EnvironmentHealth = { status: 'Ok', causes: [], failedPercent: 0.2 };
  answer = 200;
  database = 'available';
  oldInstances = ['i-old'];
  private readonly bake: Bake;

  constructor() {
    const record = at(cobalt, { live: 'green', access: 'open' });
    const ports = {
      settings: { ...uncounted, smoke: { checks: [{ role: 'web', path: '/', status: 200 }] } },
      clock: { now: () => new Date(this.nowMs) },
      progress: (text: string) => this.told.push(text),
      record: {
        read: async () => record,
        recorded: async () => record,
        readTesterToken: async () => undefined,
        unchangedSince: async () => this.openedAt,
      },
      environments: {
        health: async () => this.health,
        state: async () => ({ status: 'Ready', instances: this.oldInstances }),
      },
      databases: { find: async () => ({ status: this.database }) },
      outside: { ask: async () => ({ status: this.answer, body: '', cookies: [], address: '' }) },
    };
    this.bake = new Bake(ports as unknown as Ports, { opened: 'green', warm: 'blue' });
  }

  async after(minutes: number): Promise<Evidence[]> {
    this.nowMs += minutes * minuteMs;
    return this.bake.look();
  }

  lasted = (minutes: number) => this.bake.lasted(minutes);
}

let side: Opened;
beforeEach(() => {
  side = new Opened();
});

test('counts from when it was recorded as open, whoever watches', async () => {
  await side.after(12);
  expect(await side.lasted(30)).toMatchObject([{ observed: '12 minutes', holds: false }]);
  await side.after(18);
  expect(await side.lasted(30)).toMatchObject([{ observed: '30 minutes', holds: true }]);
});

test.each<[string, (side: Opened) => void, string]>([
  ['an environment is Severe', ({ health }) => (health.status = 'Severe'), 'Severe'],
  ['too many requests fail', ({ health }) => (health.failedPercent = 6.5), '6.5 %'],
  ['a smoke check fails', (opened) => (opened.answer = 404), '404'],
  ['visitors get errors', (opened) => (opened.answer = 500), '500'],
  ['the database does not serve', (opened) => (opened.database = 'storage-full'), 'storage-full'],
])(
  'fails when for minutes %s, and says how to go back and what it would lose',
  async (_what, spoil, seen) => {
    await side.after(0);
    spoil(side);
    expect((await side.after(1)).some(({ holds }) => !holds)).toBe(true);
    await side.after(2);
    const failure = side.after(1);
    await expect(failure).rejects.toMatchObject({
      code: 'BAKE_TROUBLED',
      exitCode: 4,
      text: { so: expect.stringContaining(seen), next: expect.stringContaining('npm run failback') },
    });
  },
);

test('what passes within minutes is no trouble', async () => {
  for (const [minutes, status] of [
    [1, 'Severe'],
    [2, 'Severe'],
    [1, 'Ok'],
    [1, 'Severe'],
    [2, 'Severe'],
    [1, 'Ok'],
  ] as const) {
    side.health.status = status;
    await side.after(minutes);
  }
  expect((await side.after(1)).every(({ holds }) => holds)).toBe(true);
});

test('few errors, backups and a warning are no trouble', async () => {
  side.health = { status: 'Warning', causes: ['some'], failedPercent: 5 };
  side.database = 'backing-up';
  for (let minute = 0; minute < 10; minute++) await side.after(1);
});

test('offers the way back every five minutes, and tells whether the old side is warm', async () => {
  for (let minute = 0; minute <= 10; minute++) await side.after(minute === 0 ? 0 : 1);
  expect(side.told).toHaveLength(3);
  expect(side.told[0]).toContain('npm run failback');
  expect(side.told[0]).toContain('blue is warm');
  side.oldInstances = [];
  await side.after(5);
  expect(side.told.at(-1)).toContain('blue is not warm');
});
