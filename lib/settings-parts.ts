import { z } from 'zod';

/** What settings are made of: words, and parts that stand by themselves. */

export const name = z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'should be letters, digits and dashes');
export const environmentName = name.min(4).max(40);
export const host = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'should be a host name in lower case, without a trailing dot');
export const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'should be the name of an environment variable');
export const secret = z.string().regex(/^[A-Za-z0-9_.-]+$/, 'should be the last part of a parameter name');
export const identifier = z.string().regex(/^[a-z_][a-z0-9_]*$/, 'should be a plain SQL name in lower case');
export const pattern = z.string().refine((text) => {
  try {
    return !/\\(?!d)|\(\?/.test(text) && new RegExp(`${text}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}, 'should be an extended regular expression with one group, the number, and no backslash but in \\d');
export const count = z.number().int().min(1);
const path = z.string().regex(/^\/[!-~]*$/, 'should begin with a slash and hold no spaces');
const answer = z.strictObject({
  status: z.number().int().min(100).max(599),
  /** What the body must contain. */
  text: z.string().min(1).optional(),
});

export const toggle = z.strictObject({ name: variable, on: z.string(), off: z.string() });
export const login = z.strictObject({ user: identifier, secret });

/** What grep -E and this language read alike. */
const lines = z.string().refine((text) => {
  try {
    return !/\\|\(\?/.test(text) && new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}, 'should be an extended regular expression without backslashes');

/** Tables that a command fills for hours, days after a cutover, and the variable that makes the application use them. */
export const sync = z.strictObject({
  command: z.array(z.string()).min(1),
  /** It exists only where the database is recorded as synced: whatever its value, it means yes. */
  variable: z.strictObject({ name: variable, on: z.string().min(1) }),
  /** Each must have rows once the command has ended. */
  tables: z.array(identifier).min(1),
  /** The lines that tell how far it is. No other is shown: it may name people. */
  progressLine: lines.optional(),
  /** The lines that tell of a fault, where the command exits with 0 all the same. */
  faultLine: lines.optional(),
});

/** Where a person logs in, with a form as Django makes it, and what only somebody gets who is logged in. */
export const loginForm = z.strictObject({
  path,
  userField: z.string().min(1),
  passwordField: z.string().min(1),
  /** The cookie that keeps a person logged in. */
  sessionCookie: z.string().min(1),
  /** What a superuser gets, during maintenance too. */
  afterwards: answer.extend({ path }),
});

const word = z.string().regex(/^[^,\s]+$/, 'should hold no comma and no space');

/** A system to try things on, with a copy of production's data. It has nothing in common with either side. */
export const testSystem = z.strictObject({
  /** Made by hand, like the database that it has so far; the tool changes what it runs and where its database is. */
  environment: z.strictObject({ name: environmentName, instanceRole: name }),
  host,
  /** The variable that tells the application its own host. */
  hostVariable: variable,
  versionLabel: z.string().min(1),
  /** Copies of production are named after this, with a number. */
  databases: name,
  instanceClass: z.string().startsWith('db.'),
  /** The password of the login that writes there; made when it is missing. */
  secret,
  /** The command that makes production's data harmless, and what must be so afterwards. */
  sanitise: z.strictObject({
    command: z.array(z.string()).min(1),
    /** Where addresses of people are, and the addresses that may stand there afterwards. */
    addresses: z.array(z.strictObject({ table: identifier, column: identifier })).min(1),
    harmless: z.array(word).min(1),
    /** E-mails that wait to be sent, told by these values of a column. */
    queue: z
      .strictObject({ table: identifier, column: identifier, waiting: z.array(word).min(1) })
      .optional(),
  }),
});

/** What an anonymous visitor gets at a path of each host of a role, and a test of the operators' own. */
export const smoke = z.strictObject({
  checks: z.array(
    answer.extend({
      role: name,
      path,
      /** What instead while the side's maintenance is on; without it the same. */
      maintenance: answer.optional(),
    }),
  ),
  /** A program of this machine's with its arguments; it succeeds when it exits with 0. */
  command: z.array(z.string()).min(1).optional(),
});

/** Where people's activity shows: what is counted before the side they did it on is given up. */
export const activity = z.strictObject({
  /** Whose a row is: it refers to `key`, and people know each other by `number`. */
  people: z.strictObject({ table: identifier, key: identifier, number: identifier }),
  tables: z
    .array(
      z.strictObject({
        /** What its rows are, for people, such as "entries". */
        kind: z.string().min(1),
        table: identifier,
        /** A row is new when one of these is beyond the greatest that the database before had. */
        newer: z.array(identifier).min(1),
        at: identifier.optional(),
        who: identifier.optional(),
        number: identifier.optional(),
        amount: identifier.optional(),
        what: identifier.optional(),
        /** It only tells: nothing is lost with its rows. */
        informs: z.boolean().default(false),
      }),
    )
    .min(1),
  /** The numbers of people who test: what they do nobody misses. */
  testers: z.array(z.string()).default([]),
});

/** Rows that a job handles once: what one side's job has handled, the other's must not handle again. */
export const queue = z.strictObject({
  table: identifier,
  key: identifier,
  state: identifier,
  /** The states of what is still to be handled. */
  pending: z.array(z.string().regex(/^[A-Za-z0-9_-]+$/, 'should be a word or a number')).min(1),
});

/** One body of a custom response holds as much, see https://docs.aws.amazon.com/waf/latest/developerguide/limits.html */
const longestPageBytes = 4096;

const notABlock = 'should be a block of addresses such as 203.0.113.10/32';

/** AWS WAF refuses a block whose address has bits beyond its length, and the block of all addresses. */
function isBlock(text: string): boolean {
  const [address = '', length] = text.split('/');
  const bits = address.split('.').reduce((whole, part) => whole * 256 + Number(part), 0);
  return Number(length) > 0 && bits % 2 ** (32 - Number(length)) === 0;
}

const defaultPage = `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Back soon</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1rem }</style>
<h1>Back soon</h1>
<p>We are upgrading this site. Nothing that you entered is lost. Please come back in an hour.</p>
</html>
`;

/** Who is let through the load balancers while a side is tested, and what everybody else is shown. */
export const door = z
  .strictObject({
    testers: z.array(z.cidrv4({ error: notABlock, abort: true }).refine(isBlock, notABlock)).default([]),
    retryAfterSeconds: count.default(3600),
    /** HTML. */
    page: z
      .string()
      .min(1)
      .refine(
        (text) => Buffer.byteLength(text) <= longestPageBytes,
        `should have at most ${longestPageBytes} bytes`,
      )
      .default(defaultPage),
  })
  .prefault({});

/** What must be so before the old side is taken away. */
export const tidyUp = z
  .strictObject({
    /** How long the new side must have been open. */
    afterDays: z.number().int().min(0).default(7),
  })
  .prefault({});
