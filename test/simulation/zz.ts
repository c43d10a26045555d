import { cutover } from '../../lib/upgrade/runbooks/cutover';
import { readSettings } from '../../lib/settings';
import { Simulation } from './simulation';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
const { testSystem: _, ...cobalt } = readSettings('config/cobalt.yaml');
async function main() {
  for (let n = 0; n < Number(process.argv[2] ?? 1); n++) {
  let t = Date.now();
  const s = await Simulation.open(cobalt);
  console.log('open', Date.now() - t, new Date(s.world.clock.nowMs()).toISOString()); t = Date.now();
  s.world.open(1);
  const p = s.process();
  const counts: Record<string, number> = {};
  const ports = await s.while(s.ports(p, async (c, m) => { const k = c.constructor.name; counts[k] = (counts[k] ?? 0) + 1; return s.carry(c, m); }));
  const ended = await s.while(s.drive(p, ports, cutover(ports)));
  if (n === 0) { for (const m of s.told) console.log(m.at.toISOString(), m.code, 'step' in m ? (m as any).step : '', m.text.slice(0, 200)); }
  console.log('drive', Date.now() - t, new Date(s.world.clock.nowMs()).toISOString(), String((ended.error as Error)?.message ?? ended.error ?? 'done'));
  if (n === 0) console.log(JSON.stringify(Object.entries(counts).sort((a, b) => b[1] - a[1])), Object.values(counts).reduce((a, b) => a + b, 0), s.world.world.happenings.length);
  await s.world.judge.settle().catch((e) => console.log('judge', e));
  console.log(JSON.stringify(s.world.judge.verdict()).slice(0, 1500), s.faults.slice(0, 3));
  s.close();
  }
}
main().catch((e) => { console.error(e); process.exit(1); });
