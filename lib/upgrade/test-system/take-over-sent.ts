import { StepFailedError } from '../../runbook/errors';
import { copyAndSource } from '../database/count-activity';
import { counts, loginArguments, onInstance } from '../on-instance';
import type { Ports } from '../ports';
import { instanceNear } from '../side/choose-instance';

/**
 * What the old side has in its queue still and the new side's job has handled is marked so on the old one, before its own
 * jobs run: people would be mailed twice. Nothing of it is sent here.
 * @returns how many; undefined where there is no queue, or no copy that anything could have been sent from
 */
export async function takeOverSent(ports: Ports): Promise<number | undefined> {
  const { settings } = ports;
  const { to } = settings.upgrade;
  const pair = copyAndSource(settings, await ports.record.recorded());
  if (!settings.mailQueue || !pair) return undefined;
  const { copy, source } = pair;
  const { table, key, state, pending } = settings.mailQueue;
  const instance = await instanceNear(ports, to);
  ports.progress(`${instance}: marking on ${source.id} what ${copy.id} has sent`);
  const login = loginArguments(settings, source.endpoint, 'writer');
  const args = [...login, copy.endpoint, table, key, state, pending.join(',')];
  const begun = `Rows of ${table} of ${source.id} may have been marked as sent.`;
  const { taken } = counts(await onInstance(ports, instance, 'take-over-sent', args, { begun }));
  if (taken !== undefined) return taken;
  throw new StepFailedError('SENT_NOT_TAKEN_OVER', {
    so: `The instance ${instance} did not say how many rows of ${table} it marked.`,
    changed: begun,
    next: 'Run the same command again.',
  });
}
