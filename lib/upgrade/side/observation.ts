import { stampVariable } from '../../names';
import { StepFailedError } from '../../runbook/errors';
import type { Settings } from '../../settings';
import { onInstance } from '../on-instance';
import type { Ports } from '../ports';

/** What the processes of one instance obey, asked of the processes themselves. */
export interface Observation {
  instance: string;
  cron: { running: boolean; enabled: boolean };
  /** How many of the application's commands run that the tool did not start itself. */
  commands: number;
  processes: ObservedProcess[];
}

export interface ObservedProcess {
  pid: number;
  /** The owned variables that are no secret, as the process was given them; one it lacks is missing here. */
  variables: Record<string, string>;
  payments: Record<string, 'armed' | 'not-set' | 'absent'>;
  /** Variables that must not exist. */
  forbidden: Record<string, 'present' | 'absent'>;
}

/** Variables that are no secret and that the state of a side, or its database, decides. */
export function plainNames({ variables, sync }: Settings): string[] {
  const { name, host, port, user } = variables.database;
  const toggles = [variables.maintenance, variables.email].flatMap((toggle) => (toggle ? [toggle.name] : []));
  return [stampVariable, ...toggles, name, host, port, user, ...(sync ? [sync.variable.name] : [])];
}

/** The arguments of lib/on-instance/observe.sh: a variable that every process of the application has, then names. */
export function observationArguments(settings: Settings): string[] {
  const { database, payments, absent } = settings.variables;
  return [
    database.host,
    ...plainNames(settings).flatMap((name) => ['variable', name]),
    ...payments.flatMap((name) => ['payment', name]),
    ...absent.flatMap((name) => ['forbidden', name]),
  ];
}

/** Asks an instance what its cron does and what each of its web processes obeys. */
export async function observe(ports: Ports, instance: string): Promise<Observation> {
  const lines = await onInstance(ports, instance, 'observe', observationArguments(ports.settings));
  return parseObservation(instance, lines);
}

/**
 * Reads what lib/on-instance/observe.sh prints: `crond running|stopped enabled|disabled`, `commands N`, then for each
 * web process `process PID` and below it `NAME=VALUE`, `payment NAME armed|not-set|absent` and
 * `forbidden NAME present|absent`.
 * @throws StepFailedError OBSERVATION_UNREADABLE for anything else: what was not understood was not observed.
 */
export function parseObservation(instance: string, lines: string[]): Observation {
  const [cron, commands, ...rest] = lines;
  const [, running, enabled] = /^crond (running|stopped) (enabled|disabled)$/.exec(cron ?? '') ?? [];
  const [, count] = /^commands (\d+)$/.exec(commands ?? '') ?? [];
  if (!running || !enabled || !count) throw unreadable(instance, [cron, commands].join(' / '));
  const processes: ObservedProcess[] = [];
  for (const line of rest) readLine(instance, line, processes);
  return {
    instance,
    cron: { running: running === 'running', enabled: enabled === 'enabled' },
    commands: Number(count),
    processes,
  };
}

function readLine(instance: string, line: string, processes: ObservedProcess[]): void {
  const [, pid] = /^process (\d+)$/.exec(line) ?? [];
  if (pid) {
    processes.push({ pid: Number(pid), variables: {}, payments: {}, forbidden: {} });
    return;
  }
  const process = processes.at(-1);
  const [, payment, held] = /^payment (\w+) (armed|not-set|absent)$/.exec(line) ?? [];
  const [, forbidden, presence] = /^forbidden (\w+) (present|absent)$/.exec(line) ?? [];
  const [, name, value] = /^(\w+)=(.*)$/s.exec(line) ?? [];
  if (process && payment) process.payments[payment] = held as 'armed' | 'not-set' | 'absent';
  else if (process && forbidden) process.forbidden[forbidden] = presence as 'present' | 'absent';
  else if (process && name !== undefined) process.variables[name] = value ?? '';
  else throw unreadable(instance, line);
}

function unreadable(instance: string, line: string): StepFailedError {
  return new StepFailedError('OBSERVATION_UNREADABLE', {
    so: `The instance ${instance} was asked what its processes obey and answered "${line}".`,
    changed: 'Nothing was changed.',
    next: 'Compare lib/on-instance/observe.sh with lib/upgrade/side/observation.ts.',
  });
}
