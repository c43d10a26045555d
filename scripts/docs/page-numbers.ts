/** Everything the page asks for, in its order, and why some of it is done otherwise. */

export interface PageNumber {
  /** S: for Test. P: Prep. U: Upgrade. F: Fail Back. T: Post Implementation. */
  number: string;
  /** What the page wants, in few words. */
  wants: string;
  /** What is done otherwise, and why; absent where it is done as the page has it. */
  otherwise?: string;
}

const keysMove =
  'No value passes through a hand: a reference moves to another parameter, and a Deny with it, so a key that was forgotten somewhere cannot be read there.';
const onceForAll =
  'One update of both environments, beside U6: each change of variables restarts the application and takes five minutes, and behind a closed door nobody meets it.';

export const pageNumbers: PageNumber[] = [
  { number: 'S1', wants: 'the latest code on the test system' },
  { number: 'S2', wants: 'MP_USE_DJANGO is YES there' },
  {
    number: 'S3',
    wants: "production's data in the test system",
    otherwise:
      "The copy is sanitised, and gets a password of its own, before the test system is pointed at it: it would mail real people, and production's password would open it.",
  },
  { number: 'S4', wants: 'migrate' },
  { number: 'S5', wants: 'convert the users' },
  { number: 'S6', wants: 'sync the master points' },
  { number: 'P1', wants: 'a new web environment, on a database to prepare it on' },
  { number: 'P2', wants: 'a new SES environment' },
  {
    number: 'P3',
    wants: 'no payment credentials there',
    otherwise: 'They are denied to its roles besides, and its jobs are stopped.',
  },
  { number: 'P4', wants: 'the latest code, and maintenance on' },
  { number: 'P5', wants: 'log in to both systems' },
  {
    number: 'P6',
    wants: 'keep the blocked e-mail addresses',
    otherwise:
      'Kept in the night, from the restored copy: a copy taken days before lacks the addresses that were added since.',
  },
  { number: 'U1', wants: 'one instance' },
  {
    number: 'U2',
    wants: 'maintenance on, payment credentials away',
    otherwise:
      'Maintenance stops no write and no job. So the jobs end first, then each lock is proved in the processes, the sessions and the row counters.',
  },
  {
    number: 'U3',
    wants: 'a visitor cannot log in',
    otherwise:
      'A door at the load balancer, first of all: it restarts nothing, and what nobody can reach is written by nobody.',
  },
  {
    number: 'U4',
    wants: 'a snapshot',
    otherwise:
      'It begins when rows are at rest, beside the freeze of the processes (U2): nobody can write by then.',
  },
  {
    number: 'U5',
    wants: 'a database restored from it',
    otherwise:
      'Every attribute is stated as the source has it, since a restore falls back on defaults; then every table is compared, and read once.',
  },
  {
    number: 'U6',
    wants: 'migrate',
    otherwise:
      'The sessions of the copy are emptied too: every request of a browser that is logged in writes.',
  },
  { number: 'U7', wants: 'the web environment on the new database', otherwise: onceForAll },
  { number: 'U8', wants: 'the SES environment on it', otherwise: onceForAll },
  {
    number: 'U9',
    wants: 'MP_USE_DJANGO is not set, until the sync was made',
    otherwise:
      'Proved in every process at every look, since any value means yes. The sync is a runbook of its own.',
  },
  { number: 'U10', wants: 'payment credentials move to the new web environment', otherwise: keysMove },
  { number: 'U11', wants: 'the live names lead to the new web environment' },
  { number: 'U12', wants: 'the name of SES leads to the new one' },
  {
    number: 'U13',
    wants: 'convert the users',
    otherwise: 'Beside U7 to U12, as soon as U6 is done: it needs the migrated copy and nothing else.',
  },
  {
    number: 'U14',
    wants: 'test',
    otherwise:
      'By the preview names before U11 and by the live names after it, then by people: nobody is led to a side that does not answer.',
  },
  {
    number: 'U15',
    wants: 'maintenance off',
    otherwise: 'The door alone opens: people have tested exactly what everybody gets, so nothing restarts.',
  },
  {
    number: 'U16',
    wants: 'two instances',
    otherwise:
      'When people are served already: a new instance starts cron, so none may be launched while people test.',
  },
  {
    number: 'U17',
    wants: 'the blocked e-mail addresses back',
    otherwise: 'After U13 and before U14: the e-mail sender runs from U15 on, and would mail the blocked.',
  },
  {
    number: 'F1',
    wants: 'maintenance on, on the new side',
    otherwise: 'Its door first, which takes seconds; its variables last, when people are served again.',
  },
  { number: 'F2', wants: 'payment credentials away from it', otherwise: keysMove },
  { number: 'F3', wants: 'payment credentials back to the old web environment', otherwise: keysMove },
  { number: 'F4', wants: 'the names back' },
  { number: 'F5', wants: 'maintenance off, on the old side' },
  {
    number: 'F6',
    wants: 'recent activity is looked at, entries and payments above all',
    otherwise:
      'Before F4, and a person confirms the number of rows that are lost: afterwards it is too late to say no.',
  },
  { number: 'T1', wants: "the old side's DNS entries deleted" },
  {
    number: 'T2',
    wants: 'the old environments removed',
    otherwise: 'With their stack, their doors and their roles.',
  },
  { number: 'T3', wants: 'the old database removed', otherwise: 'With a final snapshot, which stays.' },
];
