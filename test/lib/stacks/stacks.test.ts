import { Template } from 'aws-cdk-lib/assertions';
import { buildApp } from '../../../lib/app';
import { at, before, cobalt, directions, sixPostures } from '../../support/upgrade';

const assemblyOf = (settings = cobalt, record = before(cobalt), words = record.posture) =>
  buildApp({ settings, record, words: { live: words.live, access: words.access, reassert: false } }).synth();

beforeAll(() => {
  process.env.CDK_VALIDATION = 'false';
});

describe.each(directions)('%s', (_, settings) => {
  test('the losing side gives up its keys before the winning side gets them, and names move last', () => {
    const { from, to } = settings.upgrade;
    const stack = (side: string) => (side === 'blue' ? 'CobaltBlue' : 'CobaltGreen');
    const order = (words: { live: typeof from; access: 'open' | 'testing' }) => {
      const assembly = assemblyOf(settings, at(settings, words));
      return assembly.stacks.map((each) => each.stackName).filter((name) => !name.includes('Database'));
    };
    expect(order({ live: to, access: 'testing' })).toEqual([
      'CobaltOperations',
      'CobaltDoor',
      'CobaltFence',
      stack(from),
      stack(to),
      'CobaltTraffic',
    ]);
    expect(order({ live: from, access: 'open' })).toEqual([
      'CobaltOperations',
      'CobaltDoor',
      'CobaltFence',
      stack(to),
      stack(from),
      'CobaltTraffic',
    ]);
  });

  test('the payment variables are stated on every environment in every posture, and refer to a key on one at most', () => {
    for (const words of sixPostures(settings)) {
      const assembly = assemblyOf(settings, at(settings, words));
      const references = assembly.stacks
        .flatMap((stack) =>
          Object.values(
            Template.fromJSON(stack.template).findResources('AWS::ElasticBeanstalk::Environment'),
          ),
        )
        .map((environment) =>
          environment.Properties.OptionSettings.filter(
            (option: { OptionName: string }) => option.OptionName === 'STRIPE_SECRET_KEY',
          ),
        );
      expect(references).toHaveLength(4);
      for (const stated of references) {
        expect(stated).toHaveLength(1);
        expect(stated[0].Namespace).toBe('aws:elasticbeanstalk:application:environmentsecrets');
      }
      const armed = references.filter(([option]) => option.Value.endsWith('/STRIPE_SECRET_KEY'));
      expect(armed).toHaveLength(words.access === 'frozen' ? 0 : 1);
    }
  });

  test('no template contains a value of a secret, nor mentions the variable that must be absent', () => {
    for (const words of sixPostures(settings)) {
      const text = JSON.stringify(
        assemblyOf(settings, at(settings, words)).stacks.map((stack) => stack.template),
      );
      expect(text).not.toContain('MP_USE_DJANGO');
    }
  });

  test('a second generation is a stack of its own and leaves the first as it is', () => {
    const record = at(settings, { live: settings.upgrade.from, access: 'frozen' });
    const first = record.databases[1]!;
    const side = settings.upgrade.to === 'green' ? 'Green' : 'Blue';
    const alone = assemblyOf(settings, record).getStackByName(`CobaltDatabase${side}`).template;
    record.databases.push({ ...first, id: `${first.id}-2`, generation: 2, snapshot: 'another' });
    const assembly = assemblyOf(settings, record);
    expect(assembly.getStackByName(`CobaltDatabase${side}`).template).toEqual(alone);
    expect(assembly.getStackByName(`CobaltDatabase${side}2`).template).not.toEqual(alone);
  });
});

describe('protection', () => {
  test('every stack is protected from termination', () => {
    for (const stack of assemblyOf().stacks) expect(stack.terminationProtection).toBe(true);
  });

  test('a database is kept whether its resource is deleted or replaced', () => {
    const template = Template.fromJSON(
      assemblyOf(cobalt, at(cobalt, { live: 'blue', access: 'frozen' })).getStackByName('CobaltDatabaseGreen')
        .template,
    );
    template.hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DBInstanceIdentifier: 'cobalt-production-green',
        DBSnapshotIdentifier: 'cobalt-production-green-from-production-blue',
        DBInstanceClass: 'db.t3.small',
        DeletionProtection: true,
      },
    });
  });

  test('environments, live names and the posture record outlive their stacks', () => {
    for (const stack of assemblyOf().stacks) {
      const resources = Object.values(stack.template.Resources ?? {}) as {
        Type: string;
        DeletionPolicy?: string;
        Properties: { Type?: string };
      }[];
      for (const resource of resources)
        if (/Environment$|Parameter$|Bucket$/.test(resource.Type) || resource.Properties.Type === 'A')
          expect([resource.Type, resource.DeletionPolicy]).toEqual([resource.Type, 'Retain']);
    }
  });
});

describe('an adopted environment', () => {
  test('states only what the posture owns', () => {
    const template = Template.fromJSON(assemblyOf().getStackByName('CobaltBlue').template);
    for (const environment of Object.values(template.findResources('AWS::ElasticBeanstalk::Environment'))) {
      expect(Object.keys(environment.Properties).sort()).toEqual([
        'ApplicationName',
        'EnvironmentName',
        'OptionSettings',
      ]);
      const namespaces = new Set(
        environment.Properties.OptionSettings.map((option: { Namespace: string }) => option.Namespace),
      );
      expect([...namespaces].sort()).toEqual([
        'aws:autoscaling:asg',
        'aws:elasticbeanstalk:application:environment',
        'aws:elasticbeanstalk:application:environmentsecrets',
      ]);
    }
  });
});

describe('a new environment', () => {
  const green = (versions = {}) =>
    Template.fromJSON(
      assemblyOf(cobalt, { ...before(cobalt), versions }).getStackByName('CobaltGreen').template,
    );

  test("has the settings' version when it is made, and keeps the observed one afterwards", () => {
    green().hasResourceProperties('AWS::ElasticBeanstalk::Environment', { VersionLabel: 'cobalt-6.4.0' });
    green({ 'cobalt-production-green': 'cobalt-6.4.1' }).hasResourceProperties(
      'AWS::ElasticBeanstalk::Environment',
      {
        EnvironmentName: 'cobalt-production-green',
        VersionLabel: 'cobalt-6.4.1',
      },
    );
  });

  test('can be asked by a name of its own before it is live', () => {
    green().hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'cobalt-production-green.myabf.com.au',
      Type: 'CNAME',
    });
  });

  test('is not given a role that may read every parameter of the account', () => {
    const template = Template.fromJSON(assemblyOf().getStackByName('CobaltFence').template);
    const roles = Object.values(template.findResources('AWS::IAM::Role'));
    expect(roles).toHaveLength(2);
    for (const role of roles) {
      expect(role.Properties.ManagedPolicyArns).toEqual([
        'arn:aws:iam::aws:policy/AWSElasticBeanstalkWebTier',
      ]);
      const readable = role.Properties.Policies.flatMap(
        (policy: { PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] } }) =>
          policy.PolicyDocument.Statement.filter((statement) =>
            statement.Action.includes('ssm:GetParameter'),
          ).map((statement) => statement.Resource),
      ).flat();
      expect(
        readable.every((arn: string) =>
          arn.startsWith('arn:aws:ssm:ap-southeast-2:123456789012:parameter/cobalt/production/secrets/'),
        ),
      ).toBe(true);
      const payments = readable.filter((arn: string) => arn.includes('STRIPE'));
      expect(payments).toHaveLength(role.Properties.RoleName === 'cobalt-production-green-web' ? 3 : 0);
    }
  });
});

describe('a move that may not be made', () => {
  const words = { live: 'green', access: 'testing', reassert: false } as const;
  const stacks = () => buildApp({ settings: cobalt, record: before(cobalt), words }).synth().stacks;
  const errors = (stack: ReturnType<typeof stacks>[number]) =>
    stack.messages.filter((message) => message.level === 'error');

  test('is an error on every stack that it touches, and still synthesises', () => {
    const failing = stacks()
      .filter((stack) => errors(stack).length > 0)
      .map((stack) => stack.stackName);
    expect(failing.sort()).toEqual([
      'CobaltBlue',
      'CobaltDoor',
      'CobaltFence',
      'CobaltGreen',
      'CobaltTraffic',
    ]);
  });

  test('names the next command', () => {
    const traffic = stacks().find((stack) => stack.stackName === 'CobaltTraffic')!;
    expect(String(errors(traffic)[0]!.entry.data)).toContain('npx cdk deploy --all -c access=frozen');
  });
});
