import type { PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { Clients } from '../../../lib/aws/clients';
import { ParameterSecrets } from '../../../lib/aws/secrets';
import type { Service } from '../../../sandbox/service';
import { answering, startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

let aws: TestAws | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
});

async function clientsOf(...services: Service[]): Promise<Clients> {
  aws = await startAws(services);
  return new Clients(cobalt);
}

test('a secret is made once, as a SecureString, and never asked for; whether it is there may stand on any page', async () => {
  const asked: object[] = [];
  const pages: Record<string, object> = { first: { Parameters: [], NextToken: 'second' }, second: {} };
  const ssm = answering('ssm', 'json', {
    DescribeParameters: (input: { NextToken?: string }) => {
      asked.push(input);
      return pages[input.NextToken ?? 'first'];
    },
    PutParameter: (input: PutParameterCommandInput) => {
      asked.push(input);
      return { Version: 1 };
    },
  });
  const secrets = new ParameterSecrets(await clientsOf(ssm));
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: ['/s'] }];
  expect(await secrets.exists('/s')).toBe(false);
  await secrets.create('/s', 'value');
  pages.second = { Parameters: [{ Name: '/s' }] };
  expect(await secrets.exists('/s')).toBe(true);
  expect(asked.slice(0, 3)).toEqual([
    { ParameterFilters },
    { ParameterFilters, NextToken: 'second' },
    { Name: '/s', Value: 'value', Type: 'SecureString', Overwrite: false },
  ]);
});
