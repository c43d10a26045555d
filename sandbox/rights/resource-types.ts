import { beanstalkRights } from './beanstalk';
import { rdsRights } from './rds';
import { arn, type Input, inNameBy, type Right, type RightsWorld } from './right';
import { onRecords } from './route53';

export type Verb = 'create' | 'update' | 'delete';

export interface Work {
  type: string;
  verb: Verb;
  properties: Input;
  physicalId: string | undefined;
  /** Whether a database leaves a final snapshot. */
  snapshot?: boolean;
}

type Rights = (work: Work, world: RightsWorld) => Right[];

const verbs = (of: Record<Verb, string>, read: string): Record<Verb, string[]> => ({
  create: [of.create, read],
  update: [of.update, read],
  delete: [of.delete, read],
});

const each = (actions: string[], resource: string): Right[] =>
  actions.map((action) => ({ action, resource }));

const environment: Rights = ({ verb, properties, physicalId }, world) => {
  const asked = { ...properties, EnvironmentName: physicalId ?? properties.EnvironmentName };
  const action = { create: 'CreateEnvironment', update: 'UpdateEnvironment', delete: 'TerminateEnvironment' };
  return ['DescribeEnvironments', action[verb]].flatMap((name) => beanstalkRights[name]!(asked, world));
};

const database: Rights = ({ verb, properties, physicalId, snapshot }, world) => {
  const id = physicalId ?? properties.DBInstanceIdentifier;
  const final = snapshot ? { FinalDBSnapshotIdentifier: `final-${id}` } : {};
  const asked = { ...properties, DBInstanceIdentifier: id, ...final };
  const action = {
    create: 'RestoreDBInstanceFromDBSnapshot',
    update: 'ModifyDBInstance',
    delete: 'DeleteDBInstance',
  };
  return [
    ...['DescribeDBInstances', action[verb]].flatMap((name) => rdsRights[name]!(asked, world)),
    // A stack's tags are its resources' too.
    ...(verb === 'create' ? each(['rds:AddTagsToResource'], arn(world, 'rds', `db:${id}`)) : []),
  ];
};

const records: Rights = ({ verb, properties: { HostedZoneId, Name, Type } }) => [
  onRecords(HostedZoneId, [
    { action: { create: 'CREATE', update: 'UPSERT', delete: 'DELETE' }[verb], name: Name, type: Type },
  ]),
  { action: 'route53:GetChange', resource: 'arn:aws:route53:::change/*' },
  { action: 'route53:GetHostedZone', resource: `arn:aws:route53:::hostedzone/${HostedZoneId}` },
];

const parameter: Rights = ({ verb, properties: { Name } }, world) => {
  const actions = verbs(
    { create: 'ssm:PutParameter', update: 'ssm:PutParameter', delete: 'ssm:DeleteParameter' },
    'ssm:GetParameters',
  );
  return each(actions[verb], arn(world, 'ssm', `parameter${Name}`));
};

const roleArn = ({ account }: RightsWorld, name: string) => `arn:aws:iam::${account}:role/${name}`;

const role: Rights = ({ verb, properties, physicalId }, world) => {
  const resource = roleArn(world, physicalId ?? properties.RoleName);
  const { ManagedPolicyArns = [], Policies = [] } = properties;
  const own = {
    create: ['iam:CreateRole'],
    update: ['iam:UpdateAssumeRolePolicy', 'iam:UpdateRole'],
    delete: ['iam:DeleteRole', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
  };
  const [attach, put] = verb === 'delete' ? ['Detach', 'Delete'] : ['Attach', 'Put'];
  return [
    ...each(['iam:GetRole', ...own[verb]], resource),
    ...(ManagedPolicyArns as string[]).map((policy) => ({
      action: `iam:${attach}RolePolicy`,
      resource,
      context: { 'iam:PolicyARN': [policy] },
    })),
    ...(Policies.length > 0 ? each([`iam:${put}RolePolicy`], resource) : []),
  ];
};

const rolePolicy: Rights = ({ verb, properties: { RoleName } }, world) => {
  const actions = verbs(
    { create: 'iam:PutRolePolicy', update: 'iam:PutRolePolicy', delete: 'iam:DeleteRolePolicy' },
    'iam:GetRolePolicy',
  );
  return each(actions[verb], roleArn(world, RoleName));
};

const instanceProfile: Rights = ({ verb, properties, physicalId }, world) => {
  const resource = `arn:aws:iam::${world.account}:instance-profile/${physicalId ?? properties.InstanceProfileName}`;
  const actions = {
    create: ['iam:CreateInstanceProfile', 'iam:AddRoleToInstanceProfile', 'iam:GetInstanceProfile'],
    update: ['iam:GetInstanceProfile'],
    delete: ['iam:GetInstanceProfile', 'iam:RemoveRoleFromInstanceProfile', 'iam:DeleteInstanceProfile'],
  };
  const passed = (properties.Roles as string[]).map((name) => ({
    action: 'iam:PassRole',
    resource: roleArn(world, name),
    context: { 'iam:PassedToService': ['ec2.amazonaws.com'] },
  }));
  return [...each(actions[verb], resource), ...(verb === 'create' ? passed : [])];
};

/** The id is part of the ARN, and not known before. */
const waf =
  (kind: 'WebACL' | 'IPSet'): Rights =>
  ({ verb, properties, physicalId }, world) => {
    const name = physicalId?.split('|')[0] ?? properties.Name;
    const actions = verbs(
      { create: `wafv2:Create${kind}`, update: `wafv2:Update${kind}`, delete: `wafv2:Delete${kind}` },
      `wafv2:Get${kind}`,
    );
    const resource = arn(world, 'wafv2', `regional/${kind.toLowerCase()}/${name}/*`);
    const sets = JSON.stringify(properties.Rules ?? []).match(/arn:aws:wafv2:[^"]*\/ipset\/[^"]*/g) ?? [];
    return [
      ...each([...actions[verb], 'wafv2:ListTagsForResource'], resource),
      ...(verb === 'delete' ? [] : [...new Set(sets)].flatMap((set) => each([actions[verb][0]!], set))),
    ];
  };

/** https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html */
const association: Rights = ({ verb, properties, physicalId = '' }) => {
  const loadBalancer = properties.ResourceArn ?? physicalId.split('|')[0];
  const acl = properties.WebACLArn ?? physicalId.split('|')[1];
  const action = verb === 'delete' ? 'wafv2:DisassociateWebACL' : 'wafv2:AssociateWebACL';
  return [
    ...each([action, 'wafv2:GetWebACLForResource'], loadBalancer),
    ...each([...(verb === 'delete' ? [] : [action]), 'wafv2:GetWebACL'], acl),
    ...each(['elasticloadbalancing:SetWebACL'], '*'),
  ];
};

const bucket: Rights = ({ verb, properties, physicalId }) => {
  const actions = {
    create: [
      's3:CreateBucket',
      's3:PutBucketVersioning',
      's3:PutEncryptionConfiguration',
      's3:PutBucketPublicAccessBlock',
    ],
    update: ['s3:PutBucketVersioning', 's3:PutEncryptionConfiguration', 's3:PutBucketPublicAccessBlock'],
    delete: ['s3:DeleteBucket'],
  };
  return each(actions[verb], `arn:aws:s3:::${physicalId ?? properties.BucketName}`);
};

const bucketPolicy: Rights = ({ verb, properties: { Bucket } }) =>
  each(
    ['s3:GetBucketPolicy', verb === 'delete' ? 's3:DeleteBucketPolicy' : 's3:PutBucketPolicy'],
    `arn:aws:s3:::${Bucket}`,
  );

const topicActions = verbs(
  { create: 'sns:CreateTopic', update: 'sns:SetTopicAttributes', delete: 'sns:DeleteTopic' },
  'sns:GetTopicAttributes',
);

const topic: Rights = ({ verb, properties, physicalId }, world) =>
  each(topicActions[verb], physicalId ?? arn(world, 'sns', properties.TopicName));

const topicPolicy: Rights = ({ properties: { Topics } }) =>
  (Topics as string[]).flatMap((each) => [{ action: 'sns:SetTopicAttributes', resource: each }]);

const subscription: Rights = ({ verb, properties: { TopicArn } }) =>
  each(
    [
      verb === 'delete' ? 'sns:Unsubscribe' : 'sns:Subscribe',
      ...(verb === 'create' ? ['sns:ListSubscriptionsByTopic'] : []),
    ],
    TopicArn,
  );

const byType: Record<string, Rights> = {
  'AWS::ElasticBeanstalk::Environment': environment,
  'AWS::RDS::DBInstance': database,
  'AWS::Route53::RecordSet': records,
  'AWS::SSM::Parameter': parameter,
  'AWS::IAM::Role': role,
  'AWS::IAM::RolePolicy': rolePolicy,
  'AWS::IAM::InstanceProfile': instanceProfile,
  'AWS::WAFv2::WebACL': waf('WebACL'),
  'AWS::WAFv2::IPSet': waf('IPSet'),
  'AWS::WAFv2::WebACLAssociation': association,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucketPolicy,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SNS::Subscription': subscription,
};

/**
 * What CloudFormation needs to work on a resource. Without a service role it acts with the rights of whoever called it:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
 * The actions are those of the types' published handlers, as far as the properties that are modelled need them:
 * https://github.com/aws-cloudformation/cloudformation-resource-schema
 */
export function rightsOfWork(work: Work, world: RightsWorld): Right[] | undefined {
  const rights = byType[work.type]?.(work, world);
  return rights && inNameBy('cloudformation', rights);
}
