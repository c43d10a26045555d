import type { Message } from '../../lib/runbook/messages';
import type { Gate } from '../../lib/runbook/step';
import type { Ports } from '../../lib/upgrade/ports';
import { drive, type Ended } from '../../lib/upgrade/run';
import type { UpgradeRunbook } from '../../lib/upgrade/upgrade-runbook';
import type { Stage } from './stage';

export interface Answers {
  /** The steps at which a person says no. */
  no?: string[];
  /** The words that a person types where a yes is not enough. */
  words?: string[];
  told?: Message[];
  /** Each gate that was shown, by its step. */
  gates?: Record<string, Gate>;
  callOff?: boolean;
}

/** Drives a runbook in this process, as a person who answers like this. */
export async function driven(
  stage: Stage,
  runbook: (ports: Ports) => UpgradeRunbook,
  { no = [], words = [], told = [], gates = {}, callOff = false }: Answers = {},
): Promise<Ended> {
  const ports = await stage.ports();
  return drive({
    ports,
    runbook: runbook(ports),
    operator: {
      tell: (message) => told.push(message),
      confirm: async ({ id }, gate) => {
        gates[id] = gate;
        return !no.includes(id) && (gate.word === undefined || words.includes(gate.word));
      },
      stopped: new Promise(() => {}),
    },
    driver: { who: 'ada', host: 'laptop', pid: process.pid },
    alive: () => false,
    modelled: true,
    callOff,
  });
}
