import { underWay } from '../../../../lib/upgrade/stacks/stack-events';

const minute = (at: number) => new Date(Date.UTC(2026, 10, 25, 11, at));
const event = (at: number, resource: string, status: string) => ({ resource, status, at: minute(at) });

test('what a change of a stack is at is told by its own events, not by those of the change before', () => {
  const events = [
    event(12, 'ses', 'UPDATE_IN_PROGRESS'),
    event(11, 'web', 'UPDATE_COMPLETE'),
    event(10, 'web', 'UPDATE_IN_PROGRESS'),
    event(9, 'CobaltGreen', 'UPDATE_IN_PROGRESS'),
    event(2, 'CobaltGreen', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'),
    event(1, 'role', 'CREATE_IN_PROGRESS'),
    event(0, 'CobaltGreen', 'CREATE_IN_PROGRESS'),
  ];
  expect(underWay('CobaltGreen', events, minute(14))).toBe(
    'CobaltGreen: ses UPDATE_IN_PROGRESS; ended: 1, 300 s',
  );
  expect(underWay('CobaltGreen', events.slice(3), minute(14))).toBeUndefined();
});

test('a rollback belongs to the change that it takes back', () => {
  const events = [
    event(3, 'web', 'UPDATE_IN_PROGRESS'),
    event(2, 'CobaltGreen', 'UPDATE_ROLLBACK_IN_PROGRESS'),
    event(1, 'web', 'UPDATE_FAILED'),
    event(0, 'CobaltGreen', 'UPDATE_IN_PROGRESS'),
  ];
  expect(underWay('CobaltGreen', events, minute(4))).toBe('CobaltGreen: web UPDATE_IN_PROGRESS, 240 s');
});
