import { type Migration, migrationsAfter, migrationsBefore } from '../migrations';
import { recordMigration } from '../production';
import type { Command, Run } from './command';

/** Applies what the code has and the database has not, each migration in its own transaction. */
export const migrate: Command = {
  args: [[], ['--noinput'], ['--check']],
  async act(run) {
    const applied = await appliedNames(run);
    const plan = run.upgraded ? migrationsAfter.filter((migration) => !applied.has(nameOf(migration))) : [];
    if (run.args.includes('--check')) return plan.length === 0 ? 0 : 1;
    run.print(`Operations to perform:\n  Apply all migrations: ${apps()}\nRunning migrations:\n`);
    if (plan.length === 0) run.print('  No migrations to apply.\n');
    for (const migration of plan) {
      run.print(`  Applying ${nameOf(migration)}...`);
      await run.work(run.world.durations.migrateMs / plan.length);
      await apply(run, migration);
      run.print(' OK\n');
    }
    return 0;
  },
};

/** Lists every migration of the code, with a cross where it is applied. */
export const showMigrations: Command = {
  args: [['--plan']],
  async act(run) {
    const applied = await appliedNames(run);
    for (const name of [...migrationsBefore, ...(run.upgraded ? migrationsAfter : [])].map(nameOf))
      run.print(`[${applied.has(name) ? 'X' : ' '}]  ${name}\n`);
    return 0;
  },
};

async function apply({ database, at }: Run, { app, name, statements, atomic }: Migration): Promise<void> {
  const everything = async () => {
    for (const statement of statements) await database.query(statement);
    await database.query(recordMigration, [app, name, at()]);
  };
  await (atomic ? database.transaction(everything) : everything());
}

async function appliedNames({ database }: Run): Promise<Set<string>> {
  const rows = await database.query<{ app: string; name: string }>('SELECT app, name FROM django_migrations');
  return new Set(rows.map(nameOf));
}

function nameOf({ app, name }: { app: string; name: string }): string {
  return `${app}.${name}`;
}

function apps(): string {
  return [...new Set([...migrationsBefore, ...migrationsAfter].map(({ app }) => app))].sort().join(', ');
}
