import type { Settings } from '../../settings';

/**
 * What an outage costs where the application is told by web hook what became of its e-mail: sentences for whoever is
 * about to begin it, none where no role says `mailEvents`. SES hands each event to SNS
 * (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns.html), and by default SNS tries an HTTP
 * endpoint three times more, 20 seconds apart (https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.retry.html),
 * then discards the message, unless a dead-letter queue is attached to the subscription
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html).
 */
export function mailEventsWarning({ roles }: Settings, outageMinutes: number): string[] {
  const hosts = Object.values(roles).flatMap(({ hosts, mailEvents }) => (mailEvents ? hosts : []));
  if (hosts.length === 0) return [];
  const where = hosts.join(', ');
  return [
    `For about ${Math.ceil(outageMinutes)} minutes ${where} refuses the events of e-mail (deliveries, bounces, complaints). SNS tries each again 3 times, 20 seconds apart, and then drops it: what comes meanwhile is lost for good. What was sent is not affected.`,
    `To keep them, give the subscription of ${where} a dead-letter queue before you begin (https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html): aws sns set-subscription-attributes --subscription-arn ARN --attribute-name RedrivePolicy --attribute-value '{"deadLetterTargetArn":"ARN_OF_THE_QUEUE"}'`,
  ];
}
