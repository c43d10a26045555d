import { liveHosts } from '../../names';
import type { Ports } from '../ports';
import { isRefusal } from '../side/visitors';

/** Near enough to the minute by which an outage is told, and no burden for the site. */
const everyMs = 10_000;

export interface VisitorWatch {
  /** Looks once more and stops. */
  stop(): Promise<void>;
}

/**
 * Asks every name as an ordinary visitor would, again and again: refused is as soon as one name refuses, welcome is when
 * all names answer.
 */
export function watchVisitors(ports: Ports, saw: (refused: boolean) => Promise<void>): VisitorWatch {
  let stopping = () => {};
  const stopped = new Promise<boolean>((resolve) => {
    stopping = () => resolve(true);
  });
  const look = async () => {
    const refused = await areRefused(ports);
    // What could not be written down now is seen again at the next look.
    if (refused !== undefined) await saw(refused).catch(() => {});
  };
  const watch = async () => {
    let over = false;
    while (!over) {
      await look();
      over = await Promise.race([ports.clock.sleep(everyMs, stopped).then(() => false), stopped]);
    }
    await look();
  };
  const watching = watch();
  return {
    stop: () => {
      stopping();
      return watching;
    },
  };
}

/** Undefined when it cannot be found out now, as while a name is not resolved. */
async function areRefused({ settings, outside }: Ports): Promise<boolean | undefined> {
  const hosts = liveHosts(settings);
  try {
    const answers = await Promise.all(hosts.map((host) => outside.ask(host, '/')));
    return answers.some(isRefusal);
  } catch {
    return undefined;
  }
}
