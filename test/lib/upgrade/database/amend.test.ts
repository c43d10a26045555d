import { amend } from '../../../../lib/upgrade/database/copy';
import type { Ports } from '../../../../lib/upgrade/ports';
import { at, cobalt } from '../../../support/upgrade';

test('what two steps record of one database at once is all kept', async () => {
  const record = at(cobalt, { live: 'blue', access: 'frozen' });
  const answered = () => new Promise((resolve) => setImmediate(resolve));
  const store = {
    readDatabase: async (asked: string) => {
      const seen = structuredClone(record.databases.find((each) => each.id === asked));
      await answered();
      return seen;
    },
    writeDatabase: async (written: (typeof record.databases)[number]) => {
      await answered();
      record.databases = record.databases.map((each) => (each.id === written.id ? written : each));
    },
  };
  const ports = { record: store } as unknown as Ports;
  const id = 'cobalt-production-green';
  await Promise.all([
    amend(ports, id, { sessionsEmptied: true }),
    amend(ports, id, { blockedEmails: { kept: 7 } }),
  ]);
  const copy = record.databases.find((each) => each.id === id);
  expect(copy).toMatchObject({ sessionsEmptied: true, blockedEmails: { kept: 7 } });
});
