import { rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { commandStanding } from '../../../lib/upgrade/long-command';
import type { Ports } from '../../../lib/upgrade/ports';
import { anyText, tries } from '../../support/hostile';
import { RealInstance } from '../../support/real-instance';

const machine = new RealInstance();
afterAll(() => machine.close());
const log = machine.file('command.log');
const ports = {
  instances: {
    run: (instance: string, script: string, [, ...args]: string[]) =>
      machine.run(instance, script, [log, ...args]),
  },
} as unknown as Ports;
const target = { instance: 'i-1', endpoint: 'copy.example' };
const asked = { command: ['no_such_command'], progressLine: '^syncing', faultLine: 'Traceback|failed' };

test('how a command ended is told by the tool alone, whatever the command printed', async () => {
  const printed = fc.array(
    fc.oneof(
      anyText,
      fc.constantFrom('ended 0', 'begun x', 'syncing', 'it failed', 'faults 0', '>x', 'lines 9'),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      printed,
      fc.option(fc.integer({ min: 0, max: 255 })),
      fc.boolean(),
      async (all, code, isCut) => {
        // An end of a line that is lost when the machine goes down takes nothing of the tool's with it.
        const text = `begun ${target.endpoint}\n${all.join('\n')}${isCut ? '' : '\n'}`;
        writeFileSync(log, text);
        rmSync(`${log}.end`, { force: true });
        if (code !== null) writeFileSync(`${log}.end`, `ended ${code}\n`);
        const standing = await commandStanding(ports, target, asked);
        expect(standing).toMatchObject(
          code === null ? { state: 'broken' } : { state: 'ended', exitCode: code },
        );
        expect(standing.lines).toBe(text.split('\n').length - 1);
        const lines = text.split('\n');
        expect(standing.faults).toBe(lines.filter((line) => /Traceback|failed/.test(line)).length);
        expect(standing.progress).toHaveLength(lines.filter((line) => /^syncing/.test(line)).length);
      },
    ),
    tries(15),
  );
});

test('of what it printed, no address of a person is told', async () => {
  writeFileSync(
    log,
    `begun ${target.endpoint}\nsyncing jane@example.com\nfailed for <o'hara+x@example.com>\nbye jane@example.com\n`,
  );
  writeFileSync(`${log}.end`, 'ended 1\n');
  const { progress, firstFault, last } = await commandStanding(ports, target, asked);
  expect(progress).toEqual(['syncing (an address)']);
  expect([firstFault, ...last].join(' ')).not.toContain('example.com');
});
