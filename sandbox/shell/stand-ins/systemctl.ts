import { type BriefStandIn, UnmodelledCommand } from '../stand-in';

/** `systemctl` for cron's service, and for nothing else. */
export const systemctl: BriefStandIn = ({ args, instance: { cron }, print, complain }) => {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-'));
  const unknown = options.find((option) => !['--now', '--quiet', '-q'].includes(option));
  const [verb = '', unit = '', ...more] = words;
  if (unknown || more.length > 0 || !['crond', 'crond.service'].includes(unit))
    throw new UnmodelledCommand(`systemctl ${args.join(' ')}`);
  const now = options.includes('--now');
  const quiet = options.includes('--quiet') || options.includes('-q');
  const tell = (word: string) => {
    if (!quiet) print(`${word}\n`);
  };
  switch (verb) {
    case 'is-active':
      tell(cron.running ? 'active' : 'inactive');
      return cron.running ? 0 : 3;
    case 'is-enabled':
      tell(cron.enabled ? 'enabled' : 'disabled');
      return cron.enabled ? 0 : 1;
  }
  if (!['start', 'stop', 'restart', 'enable', 'disable'].includes(verb))
    throw new UnmodelledCommand(`systemctl ${args.join(' ')}`);
  if (now && verb !== 'enable' && verb !== 'disable') {
    complain(`--now cannot be used with ${verb}.\n`);
    return 1;
  }
  if (verb === 'enable') cron.enabled = true;
  if (verb === 'disable') cron.enabled = false;
  if (verb === 'start' || verb === 'restart' || (verb === 'enable' && now)) cron.running = true;
  if (verb === 'stop' || (verb === 'disable' && now)) cron.running = false;
  return 0;
};
