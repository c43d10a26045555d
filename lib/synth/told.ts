import { stringify } from 'yaml';
import type { Change } from './changes';
import type { Judgement, Place, StackDanger } from './check';
import type { AcceptedChange } from './dangers';
import { acceptedChangesFile } from './files';
import { directions, situationsEach } from './situations';
import type { Found } from './synthesis';

/** Every fault, with what to do about it. */
export const faultLines = ({ findings, dangers }: Judgement, folder: string): string[] => [
  ...findings.map(findingText),
  ...dangers.map((danger) => dangerText(danger, folder)),
];

function findingText({ stack, resource, property, rule, what, where }: Found): string {
  const next = rule.startsWith('AwsSolutions-')
    ? 'Mend the construct. If it has to be so, say why in lib/accepted-findings.ts.'
    : 'CloudFormation would refuse it, or take it for something else. Mend the construct.';
  return [headline(stack, resource, property), `${what} (${rule})`, at(where), next].join('\n    ');
}

function dangerText(
  { stack, resource, property, from, to, why, where }: StackDanger,
  folder: string,
): string {
  const entry = { stack, resource, property, from, to, reason: '' };
  return [
    headline(stack, resource, property),
    `was ${value(from)}`,
    `is  ${value(to)}`,
    why,
    at(where),
    `Take the change back. If it is meant, say why in ${folder}/${acceptedChangesFile}:`,
    ...stringify([entry], { lineWidth: 0 }).trimEnd().split('\n'),
  ].join('\n    ');
}

export const acceptedText = ({ stack, resource, property, reason }: AcceptedChange) =>
  `${words(stack, resource, property)}: ${reason}`;

const words = (...all: (string | undefined)[]) => all.filter(Boolean).join(' ');
const headline = (...all: (string | undefined)[]) => `✗ ${words(...all)}`;
const value = (it: unknown) => (it === undefined ? 'absent' : JSON.stringify(it));
const at = (where: Place[]) => `at  ${placesText(where)}`;

export function placesText(where: Place[]): string {
  return directions
    .map((direction) => [direction, where.filter((each) => each.direction === direction)] as const)
    .filter(([, places]) => places.length > 0)
    .map(([direction, places]) =>
      places.length === situationsEach
        ? `${direction}: everywhere`
        : `${direction}: ${places.map(placeText).join(', ')}`,
    )
    .join('; ');
}

const placeText = ({ situation, from }: Place) => (from ? `${from} to ${situation}` : situation);

/** What a reviewer reads below a pull request; its first line tells a later run which comment is its own. */
export const commentMark = '<!-- check:synth -->';

/** A comment has at most 65,536 characters: https://github.com/orgs/community/discussions/41331 */
const roomBytes = 60_000;

export function commentText(judgement: Judgement, folder: string): string {
  const faults = faultLines(judgement, folder);
  const { accepted, changes } = judgement;
  const parts = [
    commentMark,
    '### What this changes in the stacks',
    ...(faults.length > 0 ? [`**Refused:** ${faults.length} fault(s).`, fenced(faults.join('\n'))] : []),
    ...accepted.map((change) => `**Dangerous, and accepted:** ${acceptedText(change)}`),
    ...(changes.length > 0 ? changes.map(changeText) : ['Nothing.']),
  ];
  return cut(parts);
}

const changeText = ({ stack, where, text }: Change) =>
  `<details><summary><b>${stack}</b>, ${placesText(where)}</summary>\n\n${fenced(text)}\n</details>`;

/** Longer than any that templates have in them. */
const fenced = (text: string) => `\`\`\`\`\`\`\n${text}\n\`\`\`\`\`\``;

function cut(parts: string[]): string {
  const kept: string[] = [];
  for (const part of parts) {
    if (Buffer.byteLength([...kept, part].join('\n\n')) > roomBytes) {
      kept.push('The rest has no room here: `npm run check:synth` prints it.');
      break;
    }
    kept.push(part);
  }
  return `${kept.join('\n\n')}\n`;
}
