import { casesOf } from './case';

const StackName = 'contract-people-$me';
const TemplateBody = JSON.stringify({
  Resources: {
    Topic: {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: 'contract-$me', KmsMasterKeyId: 'alias/aws/sns' },
    },
  },
});
const topic = { TopicArn: 'arn:aws:sns:$region:$account:contract-$me' };
const nobody = { TopicArn: 'arn:aws:sns:$region:$account:nobody' };
const Message = 'It begins.';

/** Topics come from stacks. */
const made = casesOf('cloudformation', (ok) => [
  ok('CreateStack', { StackName, TemplateBody }),
  ok('DescribeStacks', { StackName }, { until: ['Stacks.0.StackStatus', 'CREATE_COMPLETE'] }),
]);

export const sns = [
  ...made,
  ...casesOf('sns', (ok, no) => [
    ok('GetTopicAttributes', topic),
    no('GetTopicAttributes', nobody, 'NotFound'),
    ok('Publish', { ...topic, Message, Subject: 'A night' }),
    no('Publish', { ...nobody, Message }, 'NotFound'),
    no('Publish', { ...topic, Message, Subject: '→' }, 'InvalidParameter'),
  ]),
];
