import { PreconditionError, UpgradeError } from '../lib/runbook/errors';
import { main, type Script } from './terminal/command';

interface Sent {
  channel: string;
  /** Why it did not go out. */
  fault: string | undefined;
}

interface Trial {
  sent: Sent[];
  subscribers: { confirmed: number; pending: number };
}

export const script: Script<object, Trial> = {
  name: 'message',
  description: 'Sends a trial message to everybody whom a run tells what happens. Changes nothing.',
  act: async ({ ports: connect }) => {
    const { people } = await connect();
    const text = 'A trial: this is how a run tells what happens. Nothing is to be done.';
    const sent: Sent[] = [];
    for (const { name, send } of await people.channels())
      sent.push({
        channel: name,
        fault: await send('A trial', text).then(
          () => undefined,
          (error) => (error instanceof UpgradeError ? error.text.so : String(error)),
        ),
      });
    const failed = sent.flatMap(({ fault }) => fault ?? []);
    if (failed.length > 0)
      throw new PreconditionError('PEOPLE_NOT_TOLD', {
        so: failed.join(' '),
        next: 'Mend it, and run npm run message again.',
      });
    return { sent, subscribers: await people.subscribers() };
  },
  print: ({ sent, subscribers: { confirmed, pending } }) =>
    [
      `Sent by: ${sent.map(({ channel }) => channel).join(', ')}.`,
      `Subscribers of the topic: ${confirmed} confirmed, ${pending} who have not followed the link in their e-mail yet.`,
      'Ask them whether it arrived.',
    ].join('\n'),
};

if (require.main === module) main(script);
