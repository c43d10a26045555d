import { topicArn } from '../names';
import type { Settings } from '../settings';
import type { Scope } from './scope';

/** A run publishes; CloudFormation makes the topic in the operator's name. */
export const peopleScopes = (settings: Settings): Scope[] => [
  { sid: 'People', calls: /^(cloudformation > )?sns:/, resources: [topicArn(settings)] },
];
