import type { Message } from '../../lib/runbook/messages';
import type { Gate } from '../../lib/runbook/step';
import type { Ports } from '../../lib/upgrade/ports';
import { drive, type Ended } from '../../lib/upgrade/run/run';
import type { UpgradeRunbook } from '../../lib/upgrade/run/upgrade-runbook';
import type { Stage } from './stage';

export interface Answers {
  /** The steps at which a person says no; `changed` where somebody else changed something. */
  no?: string[];
  /** The words that a person types where a yes is not enough; or whatever is asked for. */
  words?: string[] | 'any';
  told?: Message[];
  /** Each gate that was shown, by its step. */
  gates?: Record<string, Gate>;
  callOff?: boolean;
  /** The process is cut off, as by a kill, when it would write so many lines of its journal and one more. */
  lines?: number;
}

/** What no process says: it was cut off. */
class CutOff extends Error {}

/** Drives a runbook in this process, as a person who answers like this. */
export async function driven(
  stage: Stage,
  runbook: (ports: Ports) => UpgradeRunbook,
  { no = [], words = [], told = [], gates = {}, callOff = false, lines }: Answers = {},
): Promise<Ended> {
  const ports = await cutOffAfter(await stage.ports(), lines);
  return drive({
    ports,
    runbook: runbook(ports),
    operator: {
      tell: (message) => told.push(message),
      confirm: async (step, gate) => {
        const id = gate.word?.startsWith('changed-') ? 'changed' : step.id;
        gates[id] = gate;
        return !no.includes(id) && (gate.word === undefined || words === 'any' || words.includes(gate.word));
      },
      stopped: new Promise(() => {}),
    },
    driver: { who: 'ada', host: 'laptop', pid: process.pid },
    alive: () => false,
    modelled: true,
    callOff,
  });
}

async function cutOffAfter(ports: Ports, lines = Number.POSITIVE_INFINITY): Promise<Ports> {
  let written = 0;
  const write: Ports['objects']['write'] = async (key, text, condition) => {
    if (key.includes('/journal/') && ++written > lines) throw new CutOff('It was cut off.');
    return ports.objects.write(key, text, condition);
  };
  const { list, read } = ports.objects;
  const objects = { list: list.bind(ports.objects), read: read.bind(ports.objects), write };
  return { ...ports, objects };
}
