/** Everything a run tells of itself. Each message has a code, so that it can be looked up and counted. */
export const messages = {
  RUN_STARTED: 'a new run begins',
  RUN_RESUMED: 'an unfinished run goes on',
  RUN_ALREADY: 'the run was carried out to its end before, and nothing is left to do',
  TOOK_OVER: 'the lock of somebody who gave no more sign of life was taken over',
  WARNING: 'something a person should know before the window',
  STEP_STARTED: 'a step is about to act, or to prove',
  STEP_WAITING: 'what a step waits for, as it is now',
  STEP_RETRIED: 'what a step started has ended without its postconditions; its act is tried again',
  STEP_DONE: 'the postconditions of a step hold',
  STEP_ALREADY: 'a step was done already, whoever did it',
  STEP_FAILED: 'a step did not reach its postconditions',
  GATE_ASKED: 'a person is asked',
  GATE_CONFIRMED: 'a person said yes',
  GATE_EXPIRED: 'nobody answered in time, and what is safe then is done',
  CHANGE_SEEN: 'somebody else changed something during the run, and a person is asked',
  CHANGE_CONFIRMED: 'a person knows of the change',
  UNDOING: 'a step is taken back',
  UNDONE: 'a step was taken back',
  VISITORS_REFUSED: 'the first refusal of an ordinary visitor',
  BUDGET_EXCEEDED: 'the outage and a way back from it do not both fit the budget any more',
  VISITORS_WELCOMED: 'ordinary visitors are welcome again',
  INVARIANT_BROKEN: 'something that must never be so was seen',
  PROGRESS: 'what a step is doing',
  STOPPING: 'somebody stops the run: no further step begins',
  RUN_STOPPED: 'the run stopped before its end',
  RUN_FINISHED: 'the run is at its end',
} as const;

export type MessageCode = keyof typeof messages;

export interface Message {
  code: MessageCode;
  at: Date;
  step?: string;
  text: string;
}
