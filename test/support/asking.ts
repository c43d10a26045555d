import { carryOutAll } from '../../lib/runbook/engine';
import { RunView } from '../../lib/upgrade/run/run-view';
import { script as cutover } from '../../scripts/cutover';
import { main } from '../../scripts/terminal/command';
import { openScreen } from '../../scripts/terminal/live-screen';
import { terminalOperator } from '../../scripts/terminal/terminal-operator';
import { PlayedRun } from './runbook';

/** The cutover as a test starts it at a terminal: one step with a question, and one whose act never ends. */
main<object, object>({
  ...cutover,
  act: async ({ terminal, json }) => {
    const played = new PlayedRun();
    const screen = await openScreen(terminal.stderr);
    const operator = terminalOperator(terminal, { yes: false, json, command: 'npm run cutover', screen });
    const gate = async () => ({ will: [`It goes on, in process ${process.pid}.`], check: ['Nothing.'] });
    const act = () => new Promise<never>(() => setInterval(() => {}, 1000));
    const steps = [
      played.step('first'),
      played.step('asked', { after: ['first'], gate }),
      played.step('long', { after: ['asked'], minutes: 15, act }),
      played.step('last', { after: ['long'], minutes: 2 }),
    ];
    const runbook = { name: 'cutover', id: 'cutover', title: 'A night', steps };
    const run = await played.open();
    await run.journal.append({ event: 'run-started', data: { runbook: 'cutover', settings: '' } });
    const { journal, clock } = run;
    const view = new RunView({ runbook, journal, clock, timings: new Map(), modelled: true });
    operator.follow(view);
    await carryOutAll(runbook, { ...run, operator: view.over(operator) }).finally(operator.end);
    return {};
  },
  print: () => 'done',
});
