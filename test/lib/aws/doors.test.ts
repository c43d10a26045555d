import { Clients } from '../../../lib/aws/clients';
import { WebAcls } from '../../../lib/aws/doors';
import { answering, refuse, startAws, type TestAws } from '../../support/aws';
import { cobalt } from '../../support/upgrade';

const loadBalancer = 'arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:loadbalancer/app/web/1';
const acl = {
  Name: 'web-door',
  Id: 'an-id',
  ARN: 'an-arn',
  DefaultAction: { Block: {} },
  Rules: [{ Name: 'testers' }],
};
let aws: TestAws;
afterEach(() => aws.close());

test('a door is told by its name, by whom it lets through, and by its rules', async () => {
  aws = await startAws([answering('wafv2', 'json', { GetWebACLForResource: () => ({ WebACL: acl }) })]);
  const doors = new WebAcls(new Clients(cobalt));
  expect(await doors.before(loadBalancer)).toEqual({ name: 'web-door', lets: false, rules: ['testers'] });
});

test('whoever asks meanwhile is told the same, and whoever asks afterwards asks anew', async () => {
  let asked = 0;
  const GetWebACLForResource = () => (++asked < 2 ? { WebACL: acl } : {});
  aws = await startAws([answering('wafv2', 'json', { GetWebACLForResource })]);
  const doors = new WebAcls(new Clients(cobalt));
  const [first, second] = await Promise.all([doors.before(loadBalancer), doors.before(loadBalancer)]);
  expect(second).toEqual(first);
  expect(asked).toBe(1);
  expect(await doors.before(loadBalancer)).toBeUndefined();
});

test('of a call that comes too soon it is asked again', async () => {
  let refusals = 2;
  const GetWebACLForResource = () =>
    refusals-- > 0 ? refuse('ThrottlingException', 'Rate exceeded') : { WebACL: acl };
  aws = await startAws([answering('wafv2', 'json', { GetWebACLForResource })]);
  expect(await new WebAcls(new Clients(cobalt)).before(loadBalancer)).toMatchObject({ name: 'web-door' });
});
