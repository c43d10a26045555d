import type { Asked } from './ask';
import { type Case, filled, unknownIn } from './cases/case';
import { statusFaults } from './statuses';
import { refusalIn } from './validate';
import { violationsOf } from './violations';

/** What the sandbox itself says, and what any request may get. */
const ofAnyOperation = [
  'SandboxDoesNotModel',
  'ValidationError',
  'ValidationException',
  'MissingParameter',
  'UnknownParameter',
];

/**
 * Asks a case in every way that AWS's model forbids. Each must be refused, by a code that AWS documents; the client must
 * be one that sends what it knows to be wrong.
 */
export async function askWrongly(asked: Asked, one: Case): Promise<string[]> {
  const { client, known, modelOf, tap } = asked;
  const model = modelOf(one.service);
  const operation = model.operation(one.operation);
  if (!operation.input || one.code !== undefined || unknownIn(one.input, known)) return [];
  const faults: string[] = [];
  for (const { what, input } of violationsOf(operation.input, filled(one.input, known))) {
    const outcome = await client.call(one.service, one.operation, input);
    const answer = tap.take().at(-1);
    const name = `${one.service} ${one.operation} ${what}`;
    // Without a part of the path there is nothing to send.
    if (!answer) continue;
    if ('output' in outcome) faults.push(`${name} is not refused`);
    else {
      const { code } = refusalIn(model.protocol, answer);
      if (ofAnyOperation.includes(code) && answer.status < 500) continue;
      faults.push(
        ...statusFaults(one.service, model, operation, code, answer.status).map(
          (fault) => `${name} ${fault}`,
        ),
      );
    }
  }
  return faults;
}
