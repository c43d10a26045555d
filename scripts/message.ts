import { PreconditionError, UpgradeError } from '../lib/runbook/errors';
import type { Channel } from '../lib/upgrade/people-ports';
import { main, type Script } from './terminal/command';

interface Trial {
  sent: Channel['name'][];
  subscribers: { confirmed: number; pending: number };
}

export const script: Script<object, Trial> = {
  name: 'message',
  description: 'Sends a trial message to everybody whom a run tells what happens. Changes nothing.',
  act: async ({ ports: connect }) => {
    const { people } = await connect();
    const text = 'A trial: this is how a run tells what happens. Nothing is to be done.';
    const sent: Trial['sent'] = [];
    const failed: string[] = [];
    for (const { name, isKept, send } of people.channels())
      try {
        if (!(await isKept())) continue;
        await send('A trial', text);
        sent.push(name);
      } catch (error) {
        failed.push(error instanceof UpgradeError ? `${error.text.so} ${error.text.next}` : String(error));
      }
    if (failed.length > 0)
      throw new PreconditionError('PEOPLE_NOT_TOLD', {
        so: failed.join(' '),
        next: 'Mend it, and run npm run message again.',
      });
    return { sent, subscribers: await people.subscribers() };
  },
  print: ({ sent, subscribers: { confirmed, pending } }) =>
    [
      `Sent by: ${sent.join(', ')}.`,
      `Subscribers of the topic: ${confirmed} confirmed, ${pending} who have not followed the link in their e-mail yet.`,
      'Ask them whether it arrived.',
    ].join('\n'),
};

if (require.main === module) main(script);
