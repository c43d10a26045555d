import type pg from 'pg';
import { loadPreparation, loadProduction } from '../../../sandbox/application/production';
import { Rig, startAt, type Trial } from './support';

async function filled(load: (client: pg.Client) => Promise<void>, look: (trial: Trial) => Promise<void>) {
  const rig = await Rig.open(load);
  const trial = await rig.start();
  try {
    await look(trial);
  } finally {
    await trial.close();
    await rig.close();
  }
}

test("production's data has every trap of the upgrade in it", () =>
  filled(
    (client) => loadProduction(client, {}, startAt),
    async (trial) => {
      expect(await trial.count('accounts_user')).toBe(20_000);
      expect(await trial.count('accounts_unregistereduser')).toBe(5_000);
      expect(await trial.count('accounts_unregistereduser', 'internal_system_number')).toBeGreaterThan(400);
      const duplicate = 'system_number IN (SELECT system_number FROM accounts_user)';
      expect(await trial.count('accounts_unregistereduser', duplicate)).toBe(38);
      const blocked = 'notifications_unregisteredblockedemail';
      const collides = 'un_registered_user_id IN (SELECT id FROM accounts_user)';
      expect(await trial.count(blocked)).toBe(400);
      expect(await trial.count(blocked, collides)).toBeGreaterThan(100);
      expect(await trial.count(blocked, `NOT ${collides}`)).toBeGreaterThan(100);
      const ofDuplicates = `un_registered_user_id IN (SELECT id FROM accounts_unregistereduser WHERE ${duplicate})`;
      expect(await trial.count(blocked, ofDuplicates)).toBeGreaterThan(0);
      expect(await trial.count('post_office_email', 'status = 2')).toBe(240);
      expect(await trial.count('django_session')).toBe(3_000);
      const owners = await trial.rows(
        `SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'`,
      );
      expect(owners).toEqual([{ tableowner: 'postgres' }]);
    },
  ));

test('the preparation database stands on the new tables, with nobody blocked', () =>
  filled(
    (client) => loadPreparation(client, startAt),
    async (trial) => {
      expect(await trial.manage(['migrate', '--check'])).toMatchObject({ exitCode: 0 });
      expect(await trial.count('notifications_unregisteredblockedemail')).toBe(0);
      expect(await trial.count('accounts_user')).toBe(60);
    },
  ));
