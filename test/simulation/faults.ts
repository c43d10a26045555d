import type { Command } from './transport';

/** What can go wrong at a call of the tool's, or beside it. */
export const callFaults = [
  /** The process is killed before the call is sent. */
  'crash-before',
  /** It is killed when the call was carried out, before anything is written down. */
  'crash-after',
  /** The call is carried out and its answer never comes. */
  'lost-reply',
  /** The call is refused for being asked too often, more often than the library tries again. */
  'throttled',
  /** The answer is what was so before. */
  'stale',
  /** Nothing is answered for three minutes. */
  'network-away',
  /** The credentials end here; the next process has others. */
  'expired',
  /** The machine sleeps for twenty minutes, and goes on as if nothing had been. */
  'asleep',
  /** The next line of the journal is written in half, and the process is killed. */
  'torn-line',
  /** It is written whole, and again in the place of the line after it, and the process is killed. */
  'doubled-line',
] as const;

export const worldFaults = [
  /** An instance of the old side, or of the new one, ends and is replaced. */
  'old-instance-replaced',
  'new-instance-replaced',
  /** The new side's web is well for a minute and not for the next, ten minutes long. */
  'readiness-flaps',
  /** The next resource that CloudFormation changes fails. */
  'resource-fails',
  /** The same, and somebody has CloudFormation roll back what failed, or says yes to the toolkit that offers it. */
  'rolled-back',
  /** The same, and the rollback fails: the stack takes no change any more. */
  'rollback-fails',
  /** The same, and long after it somebody has the rollback go on, whatever the tool said of it. */
  'rollback-goes-on',
  /** Somebody deploys from a checkout that asks no lock, with rollback on; it fails. */
  'deploy-rolled-back',
  /** The same, and the rollback fails. */
  'deploy-rollback-fails',
  /** From now on it takes minutes until a change of what roles may do is so everywhere. */
  'late-iam',
  /** A process of the side with the payment keys goes on with what it was started with, minutes after the next change. */
  'key-lingers',
  /** The copy that is restored next lacks a row. */
  'copy-incomplete',
  /** Somebody deploys everything as it is recorded, from another machine. */
  'bare-deploy',
  /** Somebody starts the same command on another machine. */
  'second-operator',
  /** Somebody does by hand what the page says next. */
  'by-hand',
  /** The machine's clock goes forward by ten minutes. */
  'clock-jump',
  /** The process is killed, and its run is given up: the same command begins another, which knows nothing of it. */
  'given-up',
] as const;

/** Rollbacks are played where there is a side that has something to be given back. */
export const ofNights = new Set<FaultKind>([
  'rolled-back',
  'rollback-fails',
  'rollback-goes-on',
  'deploy-rolled-back',
  'deploy-rollback-fails',
]);

/** What can go wrong with a command that takes hours. */
export const syncFaults = [
  /** It is killed where it runs. */
  'sync-killed',
  /** What it copies from answers nothing for a quarter of an hour. */
  'centre-silent',
] as const;

export type FaultKind =
  | (typeof callFaults)[number]
  | (typeof worldFaults)[number]
  | (typeof syncFaults)[number];

/** What can go wrong where a name server or a host is asked. */
export const visitFaults: readonly FaultKind[] = ['crash-before', 'lost-reply', 'stale', 'network-away'];

/**
 * A fault at a call to AWS: the so-manieth of all, of those that ask the same, or of those that do in the same place of the
 * run; or at the so-manieth time that a name server or a host is asked.
 */
export interface Fault {
  kind: FaultKind;
  at: number | { visit: number } | { key: string; nth: number } | { question: string; nth: number };
}

const besideTheTool: readonly string[] = [...worldFaults, ...syncFaults];
export const isWorldFault = (kind: FaultKind) => besideTheTool.includes(kind);

/** What only passes is no reason to go back from a night, nor is that its run was begun anew. */
export const isPassing = (kind: FaultKind) => !isWorldFault(kind) || kind === 'given-up';

/** What is asked of whom: the same question of the same thing has the same name, whatever ids it carries. */
export function questionOf({ schema, input }: Command): string {
  const [, , name] = schema as [number, string, string];
  const { DocumentName, Comment, Key, ...rest } = input as Record<string, string | undefined>;
  if (DocumentName) return `${name} ${Comment}`;
  if (Key) return `${name} ${Key.replace(/runs\/[^/]+/, 'runs/RUN').replace(/\d{6}\.json/, 'LINE')}`;
  const about = [
    'StackName',
    'EnvironmentName',
    'Name',
    'Path',
    'DBInstanceIdentifier',
    'DBSnapshotIdentifier',
  ];
  const named = about.flatMap((field) => (typeof rest[field] === 'string' ? [nameIn(rest[field])] : []));
  return [name, ...named].join(' ');
}

/** The name in an ARN of a stack, without the id that it has this time. */
const nameIn = (text: string) => /:stack\/([^/]+)\//.exec(text)?.[1] ?? text;

const reading = /^(Describe|Get|List|Head)/;
export const isReading = ({ schema }: Command) => reading.test((schema as string[])[2]!);
