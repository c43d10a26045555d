import type { Settings } from '../../lib/settings';

/** One command of the night, with the page's numbers for what it does. */
export interface Step {
  page: string;
  title: string;
  command: string;
}

/** The page as commands, in order. Each can be typed alone, and again. */
export function commandsOf({ upgrade, conversion, sessionTable }: Settings): Step[] {
  const { from, to } = upgrade;
  const steps: [page: string, title: string, command: string, when?: boolean][] = [
    ['P1-P4', `Build ${to}, fenced, on the database for preparation`, 'npx cdk deploy --all'],
    ['P3', `Stop the jobs of ${to}`, `npm run jobs -- stop --side ${to}`],
    ['U1', `Scale ${from} to one instance`, `npm run scale -- --side ${from} --size 1`],
    ['U2', `Stop the jobs of ${from} and let them end`, `npm run jobs -- stop --side ${from}`],
    ['U2', 'Make the login that only reads', 'npm run reader'],
    ['U2', `Freeze ${from}: maintenance, no payments, only reading`, 'npx cdk deploy --all -c access=frozen'],
    ['U3', 'Prove that nobody can write', 'npm run prove-frozen'],
    ['U4', 'Take a snapshot', 'npm run snapshot'],
    ['U5', 'Restore it', 'npm run restore'],
    ['P6', 'Keep the blocked e-mails and clear them', 'npm run blocked-emails -- keep', !!conversion],
    ['U6', 'Migrate', 'npm run migrate'],
    ['U6', 'Empty the copied sessions', 'npm run sessions -- empty', !!sessionTable],
    [
      'U7-U12',
      `Point ${to} at its database, move payments and names`,
      `npx cdk deploy --all -c live=${to} -c access=testing`,
    ],
    ['U13', 'Convert the users', 'npm run convert-users', !!conversion],
    ['U17', 'Put the blocked e-mails back', 'npm run blocked-emails -- put-back', !!conversion],
    ['U14', 'Look at both sides, then let people test', 'npm run status'],
    ['U16', `Let ${to} launch instances again`, `npm run jobs -- release --side ${to}`],
    ['U15-U16', `Open ${to} at full size`, `npx cdk deploy --all -c live=${to} -c access=open`],
    ['U15', `Start the jobs of ${to}`, `npm run jobs -- start --side ${to}`],
    ['U15', 'Look again: nothing may differ', 'npm run status -- --exit-code'],
  ];
  return steps.flatMap(([page, title, command, when = true]) => (when ? [{ page, title, command }] : []));
}
