import { type AddressInfo, createServer } from 'node:net';
import { commandLine } from '../../scripts/rehearsal/rehearsal';
import { run } from '../support/night';

jest.setTimeout(60_000);

test('a start that fails says why, and ends', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const { code, said } = await run(commandLine(`npm run sandbox -- --port ${port}`, 'config/cobalt.yaml'));
  taken.close();
  expect([code, said]).toEqual([
    3,
    [
      `PORT_NOT_FREE: The sandbox cannot listen on port ${port} (EADDRINUSE).`,
      'Nothing was changed.',
      'Give another with --port, or none: it takes any free one then.\n',
    ].join('\n'),
  ]);
});
