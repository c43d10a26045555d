import { carryOutAll } from '../../lib/runbook/engine';
import { main } from '../../scripts/command';
import { script as cutover } from '../../scripts/cutover';
import { terminalOperator } from '../../scripts/terminal-operator';
import { PlayedRun } from './runbook';

/** The cutover as a test starts it at a terminal: one step with a question, and one whose act never ends. */
main<object, object>({
  ...cutover,
  act: async ({ terminal, json }) => {
    const played = new PlayedRun();
    const operator = terminalOperator(terminal, { yes: false, json });
    const gate = async () => ({ will: [`It goes on, in process ${process.pid}.`], check: ['Nothing.'] });
    const act = () => new Promise<never>(() => setInterval(() => {}, 1000));
    const steps = [
      played.step('first'),
      played.step('asked', { after: ['first'], gate }),
      played.step('long', { after: ['asked'], act }),
    ];
    const run = await played.open();
    await carryOutAll({ name: 'cutover', id: 'cutover', title: 'A night', steps }, { ...run, operator });
    return {};
  },
  print: () => 'done',
});
