import { hasPreviews, liveHosts, previewHosts } from '../../names';
import type { Evidence } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { asTester } from './smoke';

/**
 * An anonymous visitor and a web hook at each host: a maintenance page, a bare error or a closed connection are refusals. A
 * 403 to a post may be the application's own, which was let in.
 */
export async function visitorsRefused(ports: Ports): Promise<Evidence[]> {
  const hosts = liveHosts(ports.settings);
  const looks = hosts.flatMap((host) => [
    async () => {
      const answer = await ports.outside.ask(host, '/');
      return refusal(`https://${host}/ to a visitor`, answer, '403, 5xx or no answer', isRefusal(answer));
    },
    async () => {
      const answer = await ports.outside.ask(host, '/', { method: 'POST' });
      const holds = !answer || answer.status >= 500;
      return refusal(`https://${host}/ to a web hook`, answer, '5xx or no answer', holds);
    },
  ]);
  return Promise.all(looks.map((look) => look()));
}

/** A tester at each name of a side, and at those that lead to it perhaps: a door that let testers in may do so for a while. */
export async function testersRefused(ports: Ports, side: Side): Promise<Evidence[]> {
  const { settings } = ports;
  const previews = hasPreviews(settings, side) ? previewHosts(settings, side) : [];
  const headers = await asTester(ports);
  return Promise.all(
    [...liveHosts(settings), ...previews].map(async (host) => {
      const answer = await ports.outside.ask(host, '/', { headers });
      return refusal(`https://${host}/ to a tester`, answer, '403, 5xx or no answer', isRefusal(answer));
    }),
  );
}

function refusal(
  what: string,
  answer: { status: number } | undefined,
  expected: string,
  holds: boolean,
): Evidence {
  return { what, observed: answer ? String(answer.status) : 'no answer', expected, holds };
}

/** An ordinary visitor at each host is let in. */
export async function visitorsWelcome(ports: Ports): Promise<Evidence[]> {
  const hosts = liveHosts(ports.settings);
  return Promise.all(
    hosts.map(async (host) => {
      const answer = await ports.outside.ask(host, '/');
      const holds = !isRefusal(answer);
      const observed = holds ? 'let in' : answer ? String(answer.status) : 'no answer';
      const what = `https://${host}/ to a visitor`;
      return { what, observed, expected: 'let in', holds };
    }),
  );
}

/** Whatever an ordinary visitor is not let in by; a closed connection is a refusal too. */
export function isRefusal(answer: { status: number } | undefined): boolean {
  return !answer || answer.status === 403 || answer.status >= 500;
}
