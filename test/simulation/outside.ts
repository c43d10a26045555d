import { type Received, type Sent, Visitor } from '../../lib/aws/outside';
import type { SimulatedWorld } from './world/world';

/** What a question to a name server or a host meets on its way. */
export type Visit = <T>(question: string, answer: () => Promise<T>) => Promise<T>;

/** As the network's own errors. */
const failure = (code: string) => Object.assign(new Error(code), { code });

/** The tool as a visitor, without a name server or a socket in between. */
export class SimulatedVisitor extends Visitor {
  constructor(
    private readonly world: SimulatedWorld['world'],
    private readonly visit: Visit,
  ) {
    super();
  }

  protected override lookUp(host: string): Promise<string[]> {
    return this.visit(`Resolve ${host}`, async () => {
      const records = this.world.zones.resolve(host, 'A').filter(({ type }) => type === 'A');
      if (records.length === 0) throw failure('ENOTFOUND');
      return records.map(({ value }) => value);
    });
  }

  protected override exchange(address: string, host: string, path: string, sent: Sent): Promise<Received> {
    return this.visit(`Visit ${host} ${sent.method} ${path}`, async () => {
      const answer = await this.world.beanstalk.serve(address, { path, host, ...sent });
      if (!answer) throw failure('ECONNREFUSED');
      const cookie = answer.headers['set-cookie']?.split(';')[0];
      return { status: answer.status, body: answer.body, cookies: cookie ? [cookie] : [] };
    });
  }
}
