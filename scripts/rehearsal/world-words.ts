import { InvalidArgumentError } from 'commander';
import { type Durations, defaultDurations, defaultSwitches, type Switches } from '../../sandbox/world';

/** Parsers for options of the form NAME=VALUE that may be given more than once; commander passes on what came before. */

export function durationWord(word: string, before: Partial<Durations> = {}): Partial<Durations> {
  const [name, value] = pair(word, Object.keys(defaultDurations));
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It should be a number of milliseconds.');
  return { ...before, [name]: Number(value) };
}

export function switchWord(word: string, before: Partial<Switches> = {}): Partial<Switches> {
  const [name, value] = pair(word, Object.keys(defaultSwitches));
  const positions = typeof defaultSwitches[name as keyof Switches] === 'boolean' ? booleans : namespaces;
  if (!Object.hasOwn(positions, value))
    throw new InvalidArgumentError(`It should be ${Object.keys(positions).join(' or ')}.`);
  return { ...before, [name]: positions[value as never] };
}

const booleans = { true: true, false: false };
const namespaces = { environment: 'environment', environmentsecrets: 'environmentsecrets' };

function pair(word: string, names: string[]): [name: string, value: string] {
  const [name = '', value = ''] = word.split('=');
  if (!names.includes(name)) throw new InvalidArgumentError(`The names are ${names.join(', ')}.`);
  return [name, value];
}
