import type { Words } from '../../posture';
import { StepFailedError } from '../../runbook/errors';
import { poll } from '../poll';
import type { Ports } from '../ports';
import { prepareStack, stackBusy, stackEvidence } from './deploy';
import { isRolledBack, takesChange } from './stack-status';
import { wayOut } from './way-out';

/**
 * Deploys one stack and waits for it, for whoever is not the engine.
 * @throws StepFailedError DEPLOY_FAILED
 */
export async function deployUntil(
  ports: Ports,
  stack: string,
  words: Words,
  options: { mayMake?: boolean } = {},
): Promise<void> {
  const deployed = async () => (await stackEvidence(ports, stack, words)).every(({ holds }) => holds);
  if (await deployed()) return;
  ports.progress(`deploying ${stack} as ${words.live}/${words.access}`);
  await prepareStack(ports, stack, words, options);
  const until = `${stack} is deployed as ${words.live}/${words.access}`;
  await poll(ports, { until, everyMs: 10_000, forMs: 60 * 60_000 }, async () => {
    if (await stackBusy(ports, stack)) return undefined;
    if (await deployed()) return true;
    await throwIfFailed(ports, stack, words);
    return undefined;
  });
}

async function throwIfFailed(ports: Ports, stack: string, words: Words): Promise<void> {
  const status = (await ports.stacks.find(stack))?.status ?? 'gone';
  if (!/FAILED|ROLLBACK/.test(status)) return;
  const reasons = await ports.stacks.failures(stack);
  if (isRolledBack(status))
    throw new StepFailedError('DEPLOY_FAILED', {
      so: `The stack ${stack} is ${status}: somebody had its change rolled back, so it is as before.`,
      changed: 'What was changed beside it stays so.',
      next: 'See that nobody rolls it back again, and run the same command again.',
    });
  const so = `The stack ${stack} is ${status}: ${reasons.join('; ') || 'no resource says why'}.`;
  if (!takesChange(status)) {
    const declared = { settings: ports.settings, record: await ports.record.read(), words };
    throw new StepFailedError('DEPLOY_FAILED', {
      so,
      changed: 'Somebody had its change rolled back: some of it may be as before, some may not.',
      next: await wayOut(ports, declared, { name: stack, status }),
    });
  }
  throw new StepFailedError('DEPLOY_FAILED', {
    so,
    changed: 'What was changed of it stays so; nothing is rolled back.',
    next: `Mend it and run the same command again. If its side loses and cannot be mended, fence it by force: npm run fence -- --help.`,
  });
}
