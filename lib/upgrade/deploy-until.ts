import type { Words } from '../posture';
import { prepareStack, stackBusy, stackEvidence } from './deploy';
import { poll } from './poll';
import type { Ports } from './ports';

/** Deploys one stack and waits for it, for whoever is not the engine. */
export async function deployUntil(ports: Ports, stack: string, words: Words): Promise<void> {
  const deployed = async () => (await stackEvidence(ports, stack, words)).every(({ holds }) => holds);
  if (await deployed()) return;
  ports.progress(`deploying ${stack} as ${words.live}/${words.access}`);
  await prepareStack(ports, stack, words);
  const until = `${stack} is deployed as ${words.live}/${words.access}`;
  await poll(ports, { until, everyMs: 10_000, forMs: 60 * 60_000 }, async () => {
    if (await stackBusy(ports, stack)) return undefined;
    return (await deployed()) ? true : undefined;
  });
}
