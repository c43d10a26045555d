import { readFileSync } from 'node:fs';
import { generatedDocs } from '../../scripts/docs';
import { errorCodes } from '../../scripts/docs/error-codes';
import { pageNumbers } from '../../scripts/docs/page-numbers';
import { doing } from '../../scripts/docs/runbook-page';
import { writtenRunbooks } from '../../scripts/docs/written-runbooks';
import { documented } from '../support/upgrade';

test('what is generated is as it would be written: npm run docs', async () => {
  for (const [file, text] of await generatedDocs(documented)) {
    const stands = readFileSync(file, 'utf8').split('\n');
    expect([file, stands]).toEqual([file, text.split('\n')]);
  }
});

test("each of the page's 38 numbers is done by a step, and no step names another", async () => {
  const { cutoverAndBack, others } = await writtenRunbooks(documented);
  const runbooks = [...cutoverAndBack, ...others];
  const numbers = pageNumbers.map(({ number }) => number);
  expect(new Set(numbers).size).toBe(38);
  expect(numbers.filter((number) => doing(number, runbooks).length === 0)).toEqual([]);
  const named = runbooks.flatMap(({ steps }) => steps.flatMap(({ seed }) => seed));
  expect(named.filter((number) => !numbers.includes(number))).toEqual([]);
});

test('each error has its class and what it says, however it is made', () => {
  const codes = errorCodes(['bin', 'lib', 'scripts']);
  expect(codes.length).toBeGreaterThan(150);
  const of = (name: string) => codes.find(({ code }) => code === name);
  expect(of('LOCK_KEPT')).toMatchObject({ class: 'LockHeldError' });
  expect(of('ANSWER_LOST')).toMatchObject({
    class: 'StepFailedError',
    so: 'The connection broke before … was answered: ….',
  });
  expect(of('JOURNAL_UNREADABLE')).toMatchObject({
    class: 'PreconditionError',
    so: 'The object … cannot be understood: ….',
  });
});
