import type { Switches } from '../../sandbox/world';
import { at, type Case, filled, type Known, unknownIn } from './cases/case';
import type { ContractClient, Outcome } from './clients/client';
import { asAwsDoes } from './models/differences';
import type { ServiceModel } from './models/model';
import { statusFaults } from './statuses';
import type { Tap } from './tap';
import { faultsOfAnswer, refusalIn } from './validate';

export interface Asked {
  client: ContractClient;
  tap: Tap;
  modelOf: (service: string) => ServiceModel;
  known: Known;
  switches: Switches;
}

/** More looks than anything here takes. */
const mostLooks = 40;

/** Asks one case; what is not as it should be, as sentences. */
export async function ask(asked: Asked, one: Case): Promise<string[]> {
  const { client, known, tap } = asked;
  const lacking = unknownIn(one.input, known);
  if (lacking) return [`${one.service} ${one.operation} needs $${lacking}, which no answer told`];
  const input = filled(one.input, known);
  const before = { ...asked.switches };
  Object.assign(asked.switches, one.switches);
  let outcome = await client.call(one.service, one.operation, structuredClone(input));
  Object.assign(asked.switches, before);
  for (let look = 1; one.until && look < mostLooks && !isSo(outcome, one.until); look++) {
    tap.take();
    outcome = await client.call(one.service, one.operation, structuredClone(input));
  }
  const faults = faultsOf(asked, one, outcome);
  if ('output' in outcome)
    for (const [name, path] of Object.entries(one.keep ?? {})) {
      const value = at(outcome.output, path);
      if (value === undefined) faults.push(`${path} is not in the answer`);
      else known[name] = String(value);
    }
  const what = one.code === undefined ? '' : ` (${one.code})`;
  return faults
    .map((fault) => `${one.service} ${one.operation}${what} ${fault}`)
    .filter((fault) => !asAwsDoes.some(([beginning]) => fault.startsWith(beginning)));
}

const isSo = (outcome: Outcome, [path, value]: [string, string]) =>
  'output' in outcome && at(outcome.output, path) === value;

function faultsOf({ tap, modelOf }: Asked, one: Case, outcome: Outcome): string[] {
  const model = modelOf(one.service);
  const answer = tap.take().at(-1);
  if (!answer) return [`was not sent: ${'message' in outcome ? outcome.message.trim() : ''}`];
  if (one.code === undefined) {
    if ('code' in outcome) return [`is refused: ${outcome.code}: ${outcome.message}`];
    const ended = !one.until || isSo(outcome, one.until) ? [] : [`${one.until.join(' never is ')}`];
    return [...ended, ...faultsOfAnswer(model, model.operation(one.operation), answer)];
  }
  if (!('code' in outcome)) return ['is not refused'];
  const { code } = refusalIn(model.protocol, answer);
  if (code !== one.code) return [`is refused with ${code}: ${outcome.message}`];
  return statusFaults(one.service, model, model.operation(one.operation), code, answer.status);
}
