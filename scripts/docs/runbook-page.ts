import { expectedMinutes, type PlannedStep, plan } from '../../lib/runbook/plan';
import type { Condition, Gate, Runbook, Step } from '../../lib/runbook/step';
import type { Settings } from '../../lib/settings';
import { outageMinutes } from '../../lib/upgrade/runbooks/cutover';
import { pageNumbers } from './page-numbers';
import { picture } from './picture';
import { NotWritten, writtenRunbooks } from './written-runbooks';

/** docs/runbook.md: every step, from the steps themselves. */
export async function runbookPage(settings: Settings): Promise<string> {
  const { cutoverAndBack, others } = await writtenRunbooks(settings);
  const parts = [
    intro(settings),
    ...(await Promise.all(cutoverAndBack.map(inFull))),
    ...(await Promise.all(others.map(inShort))),
    numbers([...cutoverAndBack, ...others]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function intro({ upgrade: { from, to } }: Settings): string {
  return `# The runbook

Written by \`npm run docs\` from the steps that the commands carry out, for the settings in config/cobalt.yaml (from ${from} to
${to}); \`npm test\` fails when it is not as it would be written. The page that it replaces has 38 numbers:
[where each of them is](#the-pages-numbers). Why the order is another: [decisions/0006](decisions/0006-order-of-the-night.md).

Minutes are expected, and count from a step's first question to its last proof. A step that is found to be so already, whoever
did it, is not done again: so each may be done by hand instead.`;
}

async function inFull(runbook: Runbook): Promise<string> {
  const steps = await Promise.all(plan(runbook).map(stepOf));
  const outage =
    runbook.name === 'cutover'
      ? `, ${outageMinutes(runbook.steps)} of them outage, people's testing left out`
      : '';
  return [
    `## ${runbook.title}`,
    `\`npm run ${runbook.name}\`: ${runbook.steps.length} steps, ${expectedMinutes(plan(runbook))} minutes${outage}.`,
    picture(runbook),
    ...steps,
  ].join('\n\n');
}

async function stepOf({ step, startMinute }: PlannedStep): Promise<string> {
  const { id, title, seed, after, minutes, deadlineMinutes, preconditions, calls, postconditions } = step;
  const facts = [
    seed.length > 0 ? `Page ${seed.join(', ')}` : 'Not on the page',
    `${counted(minutes)} from minute ${startMinute} on, at most ${deadlineMinutes}`,
    after.length > 0 ? `after ${after.map(code).join(', ')}` : 'at once',
  ];
  return [
    `### ${id}`,
    `${title}. ${facts.join('; ')}.\n`,
    ...line('Checks', sentences(preconditions)),
    ...line('Asks', await asked(step)),
    ...line('Does', calls.map(code)),
    ...line('Proves', sentences(postconditions)),
    ...line('By hand', [byHand(step)]),
  ].join('\n');
}

async function inShort(runbook: Runbook): Promise<string> {
  const rows = plan(runbook).map(({ step }) => [
    code(step.id),
    step.seed.join(', '),
    step.title,
    sentences(step.postconditions).join('; '),
    String(step.minutes),
    step.gate ? 'yes' : '',
    byHand(step),
  ]);
  return [
    `## ${runbook.title}`,
    `\`npm run ${runbook.name}\`: ${expectedMinutes(plan(runbook))} minutes.`,
    tableOf(['step', 'page', 'what', 'proves', 'minutes', 'asks', 'by hand'], rows),
  ].join('\n\n');
}

/** Some gates name what is found then: of these only that they ask can be written down. */
async function asked(step: Step): Promise<string[]> {
  if (!step.gate) return [];
  let gate: Gate | undefined;
  try {
    gate = await step.gate();
  } catch (error) {
    if (!(error instanceof NotWritten)) throw error;
  }
  if (!gate) return ['a person, if what is found then needs a yes'];
  return [[...gate.will, 'Check:', ...gate.check].join(' ')];
}

function numbers(runbooks: Runbook[]): string {
  const rows = pageNumbers.map(({ number, wants, otherwise }) => [
    number,
    wants,
    doing(number, runbooks).join('<br>'),
    otherwise ?? 'as the page has it',
  ]);
  return [
    "## The page's numbers",
    'S: Steps for Test. P: Prep. U: Upgrade. F: Fail Back. T: Post Implementation.',
    tableOf(['number', 'what the page wants', 'steps', 'how, and why otherwise'], rows),
  ].join('\n\n');
}

/** The steps that do what a number of the page asks for, by the command that carries them out. */
export function doing(number: string, runbooks: Runbook[]): string[] {
  return runbooks.flatMap(({ name, steps }) => {
    const ids = steps.filter(({ seed }) => seed.includes(number)).map(({ id }) => id);
    return ids.length > 0 ? [`${name}: ${ids.map(code).join(', ')}`] : [];
  });
}

const counted = (minutes: number) => `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
const code = (text: string) => `\`${text}\``;
const sentences = (conditions: Condition[]) => conditions.map(({ sentence }) => sentence);
const byHand = ({ byHand: text }: Step) => (/^(npm|npx|aws) /.test(text) ? code(text) : text);
const line = (what: string, texts: string[]) =>
  texts.length > 0 ? [`- **${what}:** ${texts.join('; ')}`] : [];

export function tableOf(head: string[], rows: string[][]): string {
  const cells = (row: string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [cells(head), cells(head.map(() => '---')), ...rows.map(cells)].join('\n');
}
