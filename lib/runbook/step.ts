/** A step of a runbook: what must hold before, one idempotent act, what must hold after. The engine decides the rest. */

/** One fact that was looked at: what was seen beside what was wanted. */
export interface Evidence {
  what: string;
  observed: string;
  expected: string;
  holds: boolean;
}

/** A sentence that is so or not, and how to find out. Finding out changes nothing. */
export interface Condition {
  sentence: string;
  look(): Promise<Evidence[]>;
}

/** What a person must confirm before a step acts. */
export interface Gate {
  /** Exactly what will happen. */
  will: string[];
  /** What to look at before saying yes. */
  check: string[];
  /** What a person must type, such as the name of what goes: a yes is not enough then. */
  word?: string;
}

/** What is safe when nobody answers a gate. */
export interface Unanswered {
  /** `stop`: the same command asks again. `go back`: it stops, and whoever drives the run goes back if nothing is lost by it. */
  does: 'stop' | 'go back';
  /** Why that is safe, for whoever finds it so in the morning. */
  why: string;
}

export interface Step {
  id: string;
  title: string;
  /** The page's numbers, such as U7. */
  seed: string[];
  /** The steps it needs. Those that do not need each other run side by side. */
  after: string[];
  /** Expected, from its first question to its last proof. */
  minutes: number;
  /** After so long without its postconditions it has failed. */
  deadlineMinutes: number;
  /** What its act changes: calls of AWS's as `service Operation`, scripts on an instance as `on instance: name`. */
  calls: string[];
  /** The parts of the watched world that its act changes. */
  touches?: string[];
  /** What to type, or to do in the console, instead. */
  byHand: string;
  /** Evidence that the upgrade is beyond this step: whatever is observed now, it is not to be done again. */
  past?: () => Promise<Evidence | undefined>;
  /** The gate until which its postconditions must hold; steps behind it undo some of them on purpose. */
  standsUntil?: string;
  /** Undefined when nothing is to be confirmed, as things are now. */
  gate?: () => Promise<Gate | undefined>;
  /** What is done once nobody has answered its gate for as long as was allowed; without it the question waits for ever. */
  unanswered?: Unanswered;
  preconditions: Condition[];
  /** When they hold it is done, whoever did it. A step without any is done when its gate or its act was. */
  postconditions: Condition[];
  /** Starts one idempotent act, or does a short one whole; what it found out is told as evidence. */
  act?: () => Promise<Evidence[]>;
  /** Whether what the act started goes on. When it does not and the postconditions do not hold, the act is tried again. */
  underway?: () => Promise<boolean>;
  /** How often the act may be tried. */
  attempts: number;
  /** How many looks in a row must agree: what AWS answers may flap. */
  reads: number;
  /** How far apart its looks may lie, if not so near as those at something that is waited for. */
  lookEveryMs?: number;
  /** It watches while time passes: nobody waits for AWS meanwhile. */
  watches?: true;
  /** Takes the act back when the run is called off. */
  undo?: () => Promise<void>;
}

export interface Runbook {
  /** What is typed to carry it out, `npm run NAME`. */
  name: string;
  /** Its name with its direction, as runs are named. */
  id: string;
  title: string;
  /** What the page allows for the outage, testing left out; absent where it has none. */
  pageOutageMinutes?: number;
  steps: Step[];
}

/** Evidence from two words that should be equal. */
export function fact(what: string, observed: string, expected: string): Evidence {
  return { what, observed, expected, holds: observed === expected };
}
