import type { Instance } from '../../world';
import { type BriefStandIn, UnmodelledCommand } from '../stand-in';

const diskMb = 8_192;
const usualFreeMb = 5_000;

/** `df -Pm PATH`: one disk, whose free space a test may set on the instance. */
export const df: BriefStandIn = ({ args, instance, print }) => {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-')).join(' ');
  if (!['-Pm', '-mP', '-P -m', '-m -P'].includes(options) || paths.length > 1)
    throw new UnmodelledCommand(`df ${args.join(' ')}`);
  const freeMb = (instance as Instance & { diskFreeMb?: number }).diskFreeMb ?? usualFreeMb;
  const totalMb = Math.max(diskMb, freeMb);
  const usedMb = totalMb - freeMb;
  print('Filesystem     1048576-blocks  Used Available Capacity Mounted on\n');
  print(`/dev/nvme0n1p1 ${totalMb} ${usedMb} ${freeMb} ${Math.ceil((usedMb / totalMb) * 100)}% /\n`);
  return 0;
};
