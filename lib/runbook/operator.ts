import type { Clock } from './clock';
import type { Message, MessageCode } from './messages';
import type { Gate, Step } from './step';

/** Whoever watches a run and answers its questions: a person at a terminal, a program, a test. */
export interface Operator {
  tell(message: Message): void;
  /**
   * Whether the step may act. Once the run is stopped nobody waits for the answer.
   * @param withdrawn resolves when the question is taken back, for nobody answered it in time
   */
  confirm(step: Step, gate: Gate, withdrawn?: Promise<unknown>): Promise<boolean>;
  /** Resolves when somebody wants the run to stop at the next safe place; perhaps never. */
  readonly stopped: Promise<void>;
}

export function tell(
  run: { clock: Clock; operator: Operator },
  step: Step,
  code: MessageCode,
  text: string,
): void {
  run.operator.tell({ code, at: run.clock.now(), step: step.id, text });
}
