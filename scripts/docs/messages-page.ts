import { exitCodes } from '../../lib/runbook/errors';
import { messages } from '../../lib/runbook/messages';
import { type ErrorCode, errorCodes } from './error-codes';
import { tableOf } from './runbook-page';

/** docs/messages.md: everything that a command says, from the source. */
export function messagesPage(): string {
  return `# Messages and errors

Written by \`npm run docs\` from the source; \`npm test\` fails when it is not as it would be written. What to do about what you
see is in [what-if.md](what-if.md).

## Messages

What a run tells of itself, a line each; with \`--json\` an object with \`code\`, \`at\`, \`step\`, \`text\` and this meaning.

${tableOf(
  ['code', 'meaning'],
  Object.entries(messages).map(([code, meaning]) => [`\`${code}\``, meaning]),
)}

## Errors

An error is three sentences: what is so, what was changed, what to type next. Where … stands, what was found is told. One that
is met after something was changed ends with exit code 4 in the place of 3.

${tableOf(['code', 'exit code', 'what is so', 'what to type next'], errorRows(errorCodes(['bin', 'lib', 'scripts'])))}
| \`FAULT\` | 1 | This is a fault of the tool: … | Look with npm run status, and report the lines below. |
`;
}

const exitCodeOf: Record<string, number> = {
  UsageError: exitCodes.usage,
  PreconditionError: exitCodes.precondition,
  StepFailedError: exitCodes.stepFailed,
  LockHeldError: exitCodes.lockHeld,
  DeclinedError: exitCodes.declined,
  InvariantError: exitCodes.invariant,
};

/** One code may be met at several places: each way of saying it is told once. */
function errorRows(codes: ErrorCode[]): string[][] {
  const names = [...new Set(codes.map(({ code }) => code))].sort();
  return names.map((name) => {
    const own = codes.filter(({ code }) => code === name);
    const exits = own.map((each) => exitCodeOf[each.class]!);
    return [
      `\`${name}\``,
      once(exits.map(String).sort()),
      once(own.map(({ so }) => so)),
      once(own.map(({ next }) => next)),
    ];
  });
}

const once = (texts: string[]) =>
  [...new Set(texts.filter((text) => text !== ''))].map(plain).join('<br>') || 'told then';
/** What a page would take for its own marks. */
const plain = (text: string) => text.replace(/[<>*_]/g, (mark) => `\\${mark}`).replace(/\s+/g, ' ');
