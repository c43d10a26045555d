import type { Settings } from '../lib/settings';

/** One command of the night, with the page's numbers for what it does. */
export interface Step {
  page: string;
  title: string;
  command: string[];
}

const deploy = (...words: string[]) => [
  'npx',
  'cdk',
  'deploy',
  '--all',
  ...words.flatMap((word) => ['-c', word]),
];
const script = (name: string, ...words: string[]) => [
  'npm',
  'run',
  name,
  ...(words.length ? ['--', ...words] : []),
];

/** The page as commands, in order. Each can be typed alone, and again. */
export function cutover(settings: Settings): Step[] {
  const { from, to } = settings.upgrade;
  return [
    { page: 'P1-P4', title: `Build ${to}, fenced, on the database for preparation`, command: deploy() },
    { page: 'P3', title: `Stop the jobs of ${to}`, command: script('jobs', 'stop', '--side', to) },
    {
      page: 'U1',
      title: `Scale ${from} to one instance`,
      command: script('scale', '--side', from, '--size', '1'),
    },
    {
      page: 'U2',
      title: `Stop the jobs of ${from} and let them end`,
      command: script('jobs', 'stop', '--side', from),
    },
    { page: 'U2', title: 'Make the login that only reads', command: script('reader') },
    {
      page: 'U2',
      title: `Freeze ${from}: maintenance, no payments, a login that only reads`,
      command: deploy('access=frozen'),
    },
    { page: 'U3', title: 'Prove that nobody can write', command: script('prove-frozen') },
    { page: 'U4', title: 'Take a snapshot', command: script('snapshot') },
    { page: 'U5', title: 'Restore it', command: script('restore') },
    {
      page: 'P6',
      title: 'Keep the blocked e-mails and clear them',
      command: script('blocked-emails', 'keep'),
    },
    { page: 'U6', title: 'Migrate', command: script('migrate') },
    { page: 'U6', title: 'Empty the copied sessions', command: script('sessions', 'empty') },
    {
      page: 'U7-U12',
      title: `Point ${to} at its database, move the payments and the names`,
      command: deploy(`live=${to}`, 'access=testing'),
    },
    { page: 'U13', title: 'Convert the users', command: script('convert-users') },
    { page: 'U17', title: 'Put the blocked e-mails back', command: script('blocked-emails', 'put-back') },
    { page: 'U14', title: 'Look at both sides', command: script('status') },
    {
      page: 'U16',
      title: `Let ${to} launch instances again`,
      command: script('jobs', 'release', '--side', to),
    },
    { page: 'U15-U16', title: `Open ${to} at full size`, command: deploy('access=open') },
    { page: 'U15', title: `Start the jobs of ${to}`, command: script('jobs', 'start', '--side', to) },
    { page: 'U15', title: 'Look again: nothing may differ', command: script('status', '--exit-code') },
  ];
}
