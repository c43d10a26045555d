import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../../lib/app';
import type { UpgradeRecord } from '../../../lib/record';
import { parseSettings, type Settings } from '../../../lib/settings';
import { at, before, directions, sixPostures } from '../../support/upgrade';

const page = '<h1>Back soon</h1>';
const withDoor = (settings: Settings): Settings =>
  parseSettings(
    { ...settings, door: { testers: ['203.0.113.10/32'], retryAfterSeconds: 1800, page } },
    'the test',
  );

const everyName = (settings: Settings) =>
  [
    ...Object.values(settings.sides.blue.environments),
    ...Object.values(settings.sides.green.environments),
  ].map(({ name }) => name);

const arn = (name: string) =>
  `arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/${name}/50dc6c495c0c9188`;

function doorsOf(
  settings: Settings,
  record: UpgradeRecord,
  names = everyName(settings),
  testerToken?: string,
) {
  const loadBalancers = Object.fromEntries(names.map((name) => [name, arn(name)]));
  const door = { loadBalancers, ...(testerToken ? { testerToken } : {}) };
  const { live, access } = record.posture;
  const assembly = buildApp({
    settings,
    record: { ...record, door },
    words: { live, access, reassert: false },
  }).synth();
  const template = Template.fromJSON(assembly.getStackByName('CobaltDoor').template);
  const acls = Object.values(template.findResources('AWS::WAFv2::WebACL')).map(
    ({ Properties }) => Properties,
  );
  return { assembly, acls };
}

type Acl = ReturnType<Template['findResources']>[string]['Properties'];

/** What a template lets through, in the words of the posture. */
function position({ DefaultAction, Rules }: Acl): string {
  if (DefaultAction.Allow) return 'open';
  return Rules.some(({ Action }: { Action: object }) => 'Allow' in Action) ? 'testers' : 'closed';
}

beforeAll(() => {
  // The published schemas of the resources judge each of these templates.
  process.env.CDK_VALIDATION = 'true';
});
afterAll(() => {
  process.env.CDK_VALIDATION = 'false';
});

describe.each(directions)('%s', (_, plain) => {
  const settings = withDoor(plain);

  test.each(sixPostures(settings))(
    'at $live/$access one side at most is let into, and the other is closed',
    (words) => {
      const { acls } = doorsOf(settings, at(settings, words));
      const expected = { open: 'open', testing: 'testers', frozen: 'closed' }[words.access];
      const names = (side: 'blue' | 'green') =>
        Object.values(settings.sides[side].environments).map(({ name }) => `${name}-door`);
      const positions = Object.fromEntries(acls.map((acl) => [acl.Name, position(acl)]));
      const other = words.live === 'blue' ? 'green' : 'blue';
      expect(positions).toEqual(
        Object.fromEntries([
          ...names(words.live).map((name) => [name, expected]),
          ...names(other).map((name) => [name, 'closed']),
        ]),
      );
    },
  );

  test('it is deployed before everything that a move touches', () => {
    const { assembly } = doorsOf(settings, at(settings, { live: settings.upgrade.to, access: 'testing' }));
    const order = assembly.stacks.map(({ stackName }) => stackName);
    expect(order.indexOf('CobaltDoor')).toBeLessThan(order.indexOf('CobaltFence'));
    expect(order.indexOf('CobaltDoor')).toBeLessThan(order.indexOf('CobaltTraffic'));
  });

  test('an environment that has no load balancer yet has no door', () => {
    const names = Object.values(settings.sides[settings.upgrade.from].environments).map(({ name }) => name);
    const { acls } = doorsOf(settings, before(settings), names);
    expect(acls.map(({ Name }) => Name).sort()).toEqual(names.map((name) => `${name}-door`).sort());
  });
});

describe('a door', () => {
  const settings = withDoor(directions[0]![1]);
  const testing = at(settings, { live: 'green', access: 'testing' });

  test('answers whoever is kept out with 503, when to come again, and the page of the settings', () => {
    const [acl] = doorsOf(settings, at(settings, { live: 'blue', access: 'frozen' })).acls;
    const { CustomResponse } = acl!.DefaultAction.Block;
    expect(CustomResponse.ResponseCode).toBe(503);
    expect(CustomResponse.ResponseHeaders).toContainEqual({ Name: 'Retry-After', Value: '1800' });
    expect(acl!.CustomResponseBodies[CustomResponse.CustomResponseBodyKey]).toEqual({
      ContentType: 'TEXT_HTML',
      Content: page,
    });
  });

  test('knows testers by their addresses alone until there is a token', () => {
    const open = doorsOf(settings, testing).acls.find((acl) => position(acl) === 'testers')!;
    expect(open.Rules).toHaveLength(1);
    expect(open.Rules[0].Statement).toEqual({
      IPSetReferenceStatement: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Testers/), 'Arn'] } },
    });
  });

  test('gives a browser the cookie by the link, and lets it through by the cookie', () => {
    const acl = doorsOf(settings, testing, undefined, 'the-token').acls.find(
      (each) => position(each) === 'testers',
    )!;
    const [link, testers] = acl.Rules;
    expect(link.Statement.ByteMatchStatement).toMatchObject({
      FieldToMatch: { SingleQueryArgument: { Name: 'upgrade_tester' } },
      SearchString: 'the-token',
      PositionalConstraint: 'EXACTLY',
    });
    const { ResponseCode, ResponseHeaders } = link.Action.Block.CustomResponse;
    expect(ResponseCode).toBe(302);
    expect(ResponseHeaders).toContainEqual({ Name: 'Location', Value: '/' });
    const cookie = ResponseHeaders.find(({ Name }: { Name: string }) => Name === 'Set-Cookie').Value;
    expect(cookie).toMatch(/^upgrade_tester=the-token; .*Secure; HttpOnly/);
    expect(testers.Statement.OrStatement.Statements[1].ByteMatchStatement).toMatchObject({
      FieldToMatch: { Cookies: { MatchPattern: { IncludedCookies: ['upgrade_tester'] } } },
      SearchString: 'the-token',
    });
  });

  test('keeps no link and no tester while it is closed', () => {
    const { acls } = doorsOf(
      settings,
      at(settings, { live: 'blue', access: 'frozen' }),
      undefined,
      'the-token',
    );
    for (const { Rules } of acls)
      expect(Rules.map(({ Name }: { Name: string }) => Name)).toEqual(['our-names']);
  });

  test('keeps samples only of who comes to a closed one by our names, without cookies and queries', () => {
    const frozen = doorsOf(settings, at(settings, { live: 'blue', access: 'frozen' }), undefined, undefined);
    const open = doorsOf(settings, at(settings, { live: 'blue', access: 'open' }), undefined, undefined);
    const sampling = [...frozen.acls, ...open.acls].flatMap(({ Rules, VisibilityConfig }) =>
      [...Rules, { VisibilityConfig }].filter(
        (each: { VisibilityConfig: { SampledRequestsEnabled: boolean } }) =>
          each.VisibilityConfig.SampledRequestsEnabled,
      ),
    );
    expect(new Set(sampling.map(({ Name }) => Name))).toEqual(new Set(['our-names']));
    for (const { DataProtectionConfig } of frozen.acls)
      expect(JSON.stringify(DataProtectionConfig)).toMatch(/SINGLE_COOKIE.*QUERY_STRING/);
  });
});

test('a page that is too long for a web ACL is refused with its path', () => {
  const door = { testers: [], retryAfterSeconds: 60, page: 'ü'.repeat(2049) };
  expect(() => parseSettings({ ...directions[0]![1], door }, 'the test')).toThrow(
    /door\/page: should have at most 4096 bytes/,
  );
});

test.each(['203.0.113.10', '203.0.113.10/24', '0.0.0.0/0', 'anybody'])(
  'a tester at %s is refused',
  (tester) => {
    const door = { testers: ['203.0.113.0/24', tester], retryAfterSeconds: 60, page };
    expect(() => parseSettings({ ...directions[0]![1], door }, 'the test')).toThrow(
      /has 1 fault\(s\):\n {2}door\/testers\/1: should be a block of addresses/,
    );
  },
);
