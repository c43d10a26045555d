import type { Entry } from '../../runbook/entry';
import type { Runbook } from '../../runbook/step';
import type { WatchedPart } from './watched-world';

/** A runbook of the upgrade, and what its runs need to know besides its steps. */
export interface UpgradeRunbook extends Runbook {
  /** Told, and written down, when a run begins. */
  warnings: string[];
  /** Whether what a finished run brought about is so still: then the same command tells that run and does nothing. */
  stands?: () => Promise<boolean>;
  /** What is so since a run was finished, such as "green is open". */
  ended?: string;
  /** Whether somebody took back by hand what a run had reached: what it proved and asked then counts no more. */
  wentBack?: (entries: Entry[]) => Promise<boolean>;
  /** What must not be changed by somebody else during a run of it; production, where it is not said. */
  watches?: WatchedPart[];
  /** Whether it counts as the outage that a visitor is refused now. Without it nobody watches visitors. */
  isOutage?: (entries: Entry[]) => Promise<boolean>;
  /** The runbooks whose unfinished run this one ends. */
  supersedes?: string[];
}
