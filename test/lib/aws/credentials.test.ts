import { SigningCredentials } from '../../../lib/aws/credentials';

const keys = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
const end = new Date('2026-11-26T14:00:00Z');
const later = new Date('2026-11-26T14:00:05Z');

const endOf = (first: object, again: object = first) =>
  new SigningCredentials({
    credentials: async (asked?: { forceRefresh?: boolean }) => ({
      ...keys,
      ...(asked?.forceRefresh ? again : first),
    }),
  }).end();

test("a user's own keys do not end", async () => {
  expect(await endOf({})).toBeUndefined();
});

test('those of a session end when they say', async () => {
  expect(await endOf({ sessionToken: 'token', expiration: end })).toEqual(end);
});

test('those of a source that gives new ones when it is asked again do not end', async () => {
  const session = { sessionToken: 'token', expiration: end };
  expect(await endOf(session, { ...session, expiration: later })).toBeUndefined();
});

test('nobody knows the end of those of a session that do not say', async () => {
  expect(await endOf({ sessionToken: 'token' })).toBe('unknown');
});
