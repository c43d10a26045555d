import {
  exitCodes,
  having,
  PreconditionError,
  StepFailedError,
  UsageError,
} from '../../../lib/runbook/errors';

const done = 'The login reader was made.';
const after = (error: unknown) =>
  having(done, () => Promise.reject(error)).then(
    () => undefined,
    (fault) => fault,
  );

test('what goes well is answered', async () => {
  expect(await having(done, async () => 42)).toBe(42);
});

test.each([
  new PreconditionError('DATABASE_NOT_AVAILABLE', { so: 'So.', next: 'Wait.' }),
  new UsageError('UNKNOWN_NAME', { so: 'So.', changed: 'Nothing was changed.', next: 'Wait.' }),
])('after something was done no error says that nothing was changed: $code', async (error) => {
  const { code, text, exitCode, cause } = await after(error);
  expect({ code, exitCode, cause }).toEqual({
    code: error.code,
    exitCode: exitCodes.stepFailed,
    cause: error,
  });
  expect(text).toEqual({ so: 'So.', changed: done, next: 'Wait.' });
});

test('what one call did not change is told beside what was done before, and is no precondition any more', async () => {
  const changed = 'This call changed nothing.';
  const { text, exitCode } = await after(
    new PreconditionError('ACCESS_DENIED', { so: 'So.', changed, next: 'Ask.' }),
  );
  expect(text).toEqual({ so: 'So.', changed: `${changed} ${done}`, next: 'Ask.' });
  expect(exitCode).toBe(exitCodes.stepFailed);
});

test.each([
  new StepFailedError('STILL_WAITING', { so: 'So.', changed: 'It goes on.', next: 'Wait.' }),
  new TypeError('A bug.'),
])('what tells of a change itself, or is no error of ours, stays as it is: $name', async (error) => {
  expect(await after(error)).toBe(error);
});
