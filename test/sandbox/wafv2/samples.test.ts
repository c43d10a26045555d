import { GetSampledRequestsCommand } from '@aws-sdk/client-wafv2';
import { acl, association, closed, type Gate, openGate, rule, visibility } from './support';

const ours = rule(
  {
    ByteMatchStatement: {
      FieldToMatch: { SingleHeader: { Name: 'host' } },
      SearchString: 'myabf.com.au',
      PositionalConstraint: 'CONTAINS',
      TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }],
    },
  },
  {
    Name: 'ours',
    Action: closed.DefaultAction,
    VisibilityConfig: { ...visibility('ours'), SampledRequestsEnabled: true },
  },
);
const guarded = {
  DataProtectionConfig: {
    DataProtections: ['SINGLE_COOKIE', 'QUERY_STRING'].map((FieldType) => ({
      Field: { FieldType },
      Action: 'SUBSTITUTION',
    })),
  },
};

let gate: Gate;
let arn: string;
beforeAll(async () => {
  gate = await openGate();
  const Acl = acl({ ...closed, ...guarded, Rules: [ours] });
  const Door = association(gate.loadBalancer());
  const { outputs } = await gate.deploy({ Acl, Door }, { Arn: { 'Fn::GetAtt': ['Acl', 'Arn'] } });
  arn = outputs.Arn!;
  await gate.propagate();
});
afterAll(() => gate.close());

const minutes = (count: number) => new Date(gate.rig.world.clock.nowMs() + count * 60_000);
const sample = (given: { metric?: string; since?: Date; until?: Date; MaxItems?: number } = {}) =>
  gate.waf.send(
    new GetSampledRequestsCommand({
      WebAclArn: arn,
      RuleMetricName: given.metric ?? 'ours',
      Scope: 'REGIONAL',
      TimeWindow: { StartTime: given.since ?? minutes(-15), EndTime: given.until ?? minutes(0) },
      MaxItems: given.MaxItems ?? 500,
    }),
  );

test('a rule that keeps samples tells what it decided on, by its metric, and nothing of what is protected', async () => {
  await gate.ask({
    host: 'MyABF.com.au',
    path: '/events?name=ada',
    headers: { Cookie: 'sessionid=s3cret; a=b' },
  });
  await gate.ask({ host: '198.51.100.1' });
  const { SampledRequests, PopulationSize } = await sample();
  expect(PopulationSize).toBe(1);
  expect(SampledRequests).toMatchObject([
    {
      Action: 'BLOCK',
      ResponseCodeSent: 503,
      Weight: 1,
      Request: { Method: 'GET', URI: '/events?REDACTED' },
    },
  ]);
  const headers = SampledRequests![0]!.Request!.Headers;
  expect(headers).toContainEqual({ Name: 'Host', Value: 'MyABF.com.au' });
  expect(headers).toContainEqual({ Name: 'Cookie', Value: 'sessionid=REDACTED; a=REDACTED' });
});

test('only of the time that is asked for, and of three hours at most', async () => {
  await gate.rig.world.clock.skip(60 * 60_000);
  await gate.ask();
  expect((await sample()).PopulationSize).toBe(1);
  expect((await sample({ since: minutes(-120) })).PopulationSize).toBe(2);
  await gate.rig.world.clock.skip(170 * 60_000);
  const { PopulationSize, TimeWindow } = await sample({ since: minutes(-600) });
  expect(PopulationSize).toBe(1);
  expect(TimeWindow!.StartTime!.getTime()).toBeGreaterThan(minutes(-181).getTime());
});

test('of more than are asked for a few, and how many there were', async () => {
  await gate.run(10);
  const { SampledRequests, PopulationSize } = await sample({ MaxItems: 3 });
  expect([SampledRequests!.length, PopulationSize]).toEqual([3, 10]);
});

test('what decided on no request by a rule is not modelled, and refused by name', async () => {
  await expect(sample({ metric: 'door' })).rejects.toThrow('samples by door');
});
