import type { Message } from '../../lib/runbook/messages';

/** Whose progress it is, such as a stack or an instance: several work side by side, and each is told for itself. */
export const subjectOf = (text: string) => /^(\S+): /.exec(text)?.[1] ?? '';

const most = 4;
/** What was told and not again in so long is over. */
const overMs = 60_000;

/** What stacks, databases and instances do, as each was told last. */
export class Underneath {
  private readonly told = new Map<string, Message>();

  /** Whether it is told of one of them. */
  note(message: Message): boolean {
    const subject = message.code === 'PROGRESS' ? subjectOf(message.text) : '';
    if (!subject) return false;
    this.told.delete(subject);
    this.told.set(subject, message);
    return true;
  }

  lately(now: Date): string[] {
    const recent = [...this.told.values()].filter(({ at }) => now.getTime() - at.getTime() < overMs);
    return recent.slice(-most).map(({ text }) => text);
  }
}
