import { Deletions } from '../../../sandbox/judge/deletions';
import { Twice } from '../../../sandbox/judge/twice';
import type { Watch } from '../../../sandbox/judge/verdict';

let broken: string[];
let watch: Watch;
beforeEach(() => {
  broken = [];
});
const report = (_: unknown, __: unknown, evidence: string) => void broken.push(evidence);
const happen = (kind: string, facts: object) => watch[kind]!({ kind, atMs: 1, ...facts });

describe('deletions', () => {
  beforeEach(() => {
    watch = new Deletions(report).watch;
  });

  const snapshot = (id: string, source: string) => {
    happen('snapshot.started', { id, source });
    happen('snapshot.available', { id });
  };

  test('a snapshot may go while there is another of its database, that is finished', () => {
    snapshot('first', 'old');
    snapshot('second', 'old');
    snapshot('of another', 'new');
    happen('snapshot.started', { id: 'third', source: 'old' });
    happen('snapshot.deleted', { id: 'first' });
    expect(broken).toEqual([]);
    happen('snapshot.deleted', { id: 'second' });
    expect(broken).toEqual(['the snapshot second was deleted, the only one of old']);
  });

  test('a database whose restore failed held nothing; one whose change failed did', () => {
    happen('database.failed', { id: 'never was', during: 'restore' });
    happen('database.deleting', { id: 'never was' });
    happen('database.failed', { id: 'was', during: 'modification' });
    happen('database.deleting', { id: 'was' });
    expect(broken).toEqual(['the database was was deleted without a final snapshot']);
  });

  test('nor did it hold nothing when a second restore succeeded', () => {
    happen('database.failed', { id: 'again', during: 'restore' });
    happen('database.restored', { id: 'again' });
    happen('database.deleting', { id: 'again' });
    expect(broken).toHaveLength(1);
  });
});

describe('what must happen once', () => {
  beforeEach(() => {
    watch = new Twice(report).watch;
  });
  const charged = (facts: object) =>
    happen('charged', { automatic: true, mode: 'live', membership: 7, environment: 'old', ...facts });

  test('a test key takes no money, and a payment that somebody makes may be made again', () => {
    charged({});
    charged({ mode: 'test' });
    charged({ automatic: false });
    charged({ automatic: false });
    expect(broken).toEqual([]);
    charged({ environment: 'new' });
    expect(broken).toEqual(['the membership 7 was charged by old and again by new']);
  });

  test('an e-mail is told by its message id', () => {
    for (const messageId of ['<a>', '<b>', '<a>']) happen('email.sent', { messageId, environment: 'old' });
    expect(broken).toEqual(['the e-mail <a> was sent by old and again by old']);
  });
});
