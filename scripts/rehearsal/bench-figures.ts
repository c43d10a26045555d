import { pageOutageMinutes, pageTimedOutageMinutes } from '../../lib/report/page-timings';
import type { Settings } from '../../lib/settings';
import { type Durations, defaultDurations } from '../../sandbox/world';
import { table } from '../terminal/table';

/** What several runs came to. */
export interface Figure {
  median: number;
  least: number;
  most: number;
}

/** What was measured of one rehearsal. */
export interface Sample {
  /** By the durations that the sandbox plays. */
  outageMinutes: number;
  /** Of this machine. */
  toolSeconds: number;
  startSeconds: number;
  synthSeconds: number;
  rehearsalSeconds: number;
  statusSeconds: number;
}

export interface Bench {
  machine: string;
  /** What AWS alone takes of the outage, by the same durations. */
  leastOutageMinutes: number;
  oneByOne: Sample[];
  sideBySide: Sample[];
}

const minuteMs = 60_000;

/**
 * What nothing can make shorter while AWS takes so long: each of these waits for the one before it. The door closes, the
 * database that is at rest is copied, migrated and converted, the door opens.
 */
const inARow: (keyof Durations)[] = [
  'webAclPropagationMs',
  'snapshotMs',
  'restoreMs',
  'migrateMs',
  'convertMs',
  'webAclPropagationMs',
];

export function leastOutageMinutes(
  { conversion }: Pick<Settings, 'conversion'>,
  durations: Durations = defaultDurations,
): number {
  const waits = inARow.filter((name) => conversion !== undefined || name !== 'convertMs');
  return waits.reduce((sum, name) => sum + durations[name], 0) / minuteMs;
}

export function figure(values: number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index]!;
  const middle = (sorted.length - 1) / 2;
  const median = (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
  return { median: rounded(median), least: rounded(at(0)), most: rounded(sorted.at(-1)!) };
}

const rounded = (value: number) => Math.round(value * 10) / 10;

/** The median, and from where to where they went, when there is more than one. */
function said(samples: Sample[], name: keyof Sample): string {
  const { median, least, most } = figure(samples.map((sample) => sample[name]));
  return samples.length > 1 ? `${median} (${least} to ${most})` : `${median}`;
}

/** Minutes that come from the sandbox's durations say so. */
export function benchTable(bench: Bench): string {
  const { machine, oneByOne, sideBySide } = bench;
  const runs = oneByOne.length;
  const both = [...oneByOne, ...sideBySide];
  const outages = [
    ['(a) the page by hand, with the minutes it allows', `${pageOutageMinutes}, the page's`, '-'],
    ['    the page by hand, with those it timed, where it did', `${pageTimedOutageMinutes}, the page's`, '-'],
    ['(b) this runbook, one step after another', ...measured(oneByOne)],
    ['(c) this runbook', ...measured(sideBySide)],
    ['    nothing but what AWS takes', `${rounded(bench.leastOutageMinutes)} modelled`, '-'],
  ];
  const walls = [
    ['npx cdk synth of all stacks', said(both, 'synthSeconds')],
    ['starting the sandbox', said(both, 'startSeconds')],
    ['rehearsal (b): cdk deploy, the night, its judge', said(oneByOne, 'rehearsalSeconds')],
    ['rehearsal (c): the same', said(sideBySide, 'rehearsalSeconds')],
    ['npm run status, after the night', said(both, 'statusSeconds')],
  ];
  return [
    `${runs} run(s) of each, on ${machine}. Where there are several, the median (and the spread).`,
    '',
    table(['OUTAGE WITHOUT TESTING', 'MINUTES', "THE TOOL'S OWN SECONDS"], outages),
    '',
    table(['WALL TIME OF THIS MACHINE', 'SECONDS'], walls),
  ].join('\n');
}

const measured = (samples: Sample[]) => [
  `${said(samples, 'outageMinutes')} modelled`,
  said(samples, 'toolSeconds'),
];
