import { stackNames } from '../../names';
import { StepFailedError } from '../../runbook/errors';
import type { Ports } from '../ports';
import { changeStack, isAdded, removeStack } from './change-stack';

/** How CloudFormation can be brought to take a record that is there: as the alias it is, or only as plain addresses. */
export type Way = 'alias' | 'addresses';

export interface Target {
  name: string;
  zoneId: string;
}

/** How long resolvers may keep plain addresses, which a load balancer may change. */
export const plainTtlSeconds = 60;

export const aliasOf = ({ name, zoneId }: Target) => ({
  AliasTarget: { DNSName: name, HostedZoneId: zoneId, EvaluateTargetHealth: false },
});
export const addressesOf = (addresses: string[]) => ({
  TTL: String(plainTtlSeconds),
  ResourceRecords: addresses,
});

/**
 * Tries on a name that nobody uses which records CloudFormation takes as its own when they are exactly as its template
 * says. Users report it of some kinds of records and not of others; AWS's pages say nothing of it.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/560
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/330
 * @returns undefined when it takes neither kind
 */
export async function probeRecords(ports: Ports, target: Target): Promise<Way | undefined> {
  const { settings, names, outside } = ports;
  const name = `upgrade-probe.${settings.zone.name}`;
  const tried = async (put: () => Promise<void>, properties: object) => {
    await put();
    const adopted = await isTaken(ports, {
      HostedZoneId: settings.zone.id,
      Name: name,
      Type: 'A',
      ...properties,
    });
    await cleanUp(ports, name);
    return adopted;
  };
  await cleanUp(ports, name);
  if (await tried(() => names.point(settings.zone.id, name, target), aliasOf(target))) return 'alias';
  const addresses = (await outside.resolve(target.name)).sort();
  const put = () => names.address(settings.zone.id, name, addresses, plainTtlSeconds);
  return (await tried(put, addressesOf(addresses))) ? 'addresses' : undefined;
}

async function isTaken(ports: Ports, Properties: object): Promise<boolean> {
  const stack = stackNames(ports.settings).probe;
  const template = { Resources: { Record: { Type: 'AWS::Route53::RecordSet', Properties } } };
  try {
    await changeStack(ports, { stack, template, wanted: isAdded, temporary: true });
    return true;
  } catch (error) {
    if (error instanceof StepFailedError && error.code === 'DEPLOY_FAILED') return false;
    throw error;
  }
}

/** The stack takes a record away that it took; one that it did not take stays behind. */
async function cleanUp(ports: Ports, name: string): Promise<void> {
  await removeStack(ports, stackNames(ports.settings).probe);
  const zoneId = ports.settings.zone.id;
  const left = (await ports.names.records(zoneId)).filter((record) => record.name === name);
  if (left.length > 0) await ports.names.removeExactly(zoneId, left);
}
