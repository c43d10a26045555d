import { readSettings } from '../../lib/settings';
import { caughtBy, mutants } from './mutants';
import { play } from './night';

const { testSystem: _, ...settings } = readSettings('config/cobalt.yaml');
async function main() {
  const only = (process.argv[2] ?? '').split(',');
  for (const { name, plan } of mutants) {
    if (!only.some((each) => name.includes(each))) continue;
    const t = process.cpuUsage();
    const o = await play(plan(settings));
    const by = caughtBy(plan(settings), o);
    const { user } = process.cpuUsage(t);
    console.log(
      by ? 'caught ' : 'ESCAPED',
      name,
      '::',
      by,
      '::',
      o.ended,
      o.met,
      (user / 1e6).toFixed(1),
      by ? '' : o.errors.join(' '),
    );
  }
}
main();
