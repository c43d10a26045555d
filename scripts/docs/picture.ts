import { criticalPath } from '../../lib/report/critical-path';
import { type PlannedStep, plan } from '../../lib/runbook/plan';
import type { Runbook } from '../../lib/runbook/step';

/**
 * Which steps run side by side, and when, if each takes the minutes that are expected of it. The critical path is marked.
 * https://mermaid.js.org/syntax/gantt.html
 */
export function picture(runbook: Pick<Runbook, 'name' | 'steps'>): string {
  const { criticalPath: path } = criticalPath(runbook);
  const bars = plan(runbook).map((planned) => barOf(planned, path.includes(planned.step.id)));
  return [
    '```mermaid',
    'gantt',
    '  dateFormat HH:mm:ss',
    '  axisFormat %H:%M',
    '  todayMarker off',
    ...bars.map((bar) => `  ${bar}`),
    '```',
  ].join('\n');
}

function barOf({ step, startMinute }: PlannedStep, isCritical: boolean): string {
  const seconds = Math.round(step.minutes * 60);
  const marks = [...(isCritical ? ['crit'] : []), ...(seconds === 0 ? ['milestone'] : [])];
  return `${step.id} :${[...marks, clock(startMinute), `${seconds}s`].join(', ')}`;
}

function clock(minute: number): string {
  const seconds = Math.round(minute * 60);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
