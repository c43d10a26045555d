import { UnmodelledCommand } from './stand-in';

/** The parts of an instance's file system that exist, as folders below the instance's own. */
const ownRoots = [
  '/var/app',
  '/var/log',
  '/var/lib',
  '/var/lock',
  '/var/run',
  '/var/tmp',
  '/opt/elasticbeanstalk',
  '/proc',
  '/run',
  '/tmp',
  '/root',
];
const before = String.raw`(?<![\w./})\]*?~-])`;
const after = String.raw`(?![\w-])`;
const ownPath = new RegExp(`${before}(${ownRoots.join('|')})${after}`, 'g');
const hostPath = new RegExp(
  `${before}/(?:bin|sbin|usr|etc|home|lib|lib64|opt|var|mnt|efs|boot|sys|srv|Users|private)${after}(?:/[\\w./-]*)?`,
);

/**
 * The command's text with the paths of an instance led into its folder. Paths are recognised where they begin,
 * so `https://host/proc` and `$folder/tmp` stay as they are. A path of the machine that we run on is refused.
 */
export function ledInto(folder: string, script: string): string {
  if (!/^[\w./@+-]+$/.test(folder)) throw new Error(`The instance's folder ${folder} would need quoting.`);
  const [firstLine = '', ...rest] = script.split('\n');
  const body = /^#!\/(usr\/)?bin\/(env )?bash( -\w+)*$/.test(firstLine) ? ['', ...rest].join('\n') : script;
  const foreign = hostPath.exec(body.replace(ownPath, 'own'));
  if (foreign) throw new UnmodelledCommand(`the path ${foreign[0]}`);
  return body.replace(ownPath, (path) => folder + path);
}
