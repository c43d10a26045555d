import { cobalt as settings } from './test/support/upgrade';
import { play } from './test/simulation/night';
import { planOf } from './test/simulation/seeds';
async function main() {
  for (let n = Number(process.argv[2]); n <= Number(process.argv[3]); n += 2) {
    const t = Date.now();
    require('fs').appendFileSync('/tmp/zz.log', `${n} `);
    const o = await play(planOf(n, settings));
    if (Date.now() - t > 6000) console.log('SLOW', n, Date.now() - t, o.calls.length, o.attempts, o.minutes, JSON.stringify(planOf(n, settings).faults), o.errors.map(e=>e.slice(0,100)));
  }
}
void main();
