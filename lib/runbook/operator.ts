import type { Message } from './messages';
import type { Gate, Step } from './step';

/** Whoever watches a run and answers its questions: a person at a terminal, a program, a test. */
export interface Operator {
  tell(message: Message): void;
  /** Whether the step may act. */
  confirm(step: Step, gate: Gate): Promise<boolean>;
  /** Resolves when somebody wants the run to stop at the next safe place; perhaps never. */
  readonly stopped: Promise<void>;
}
