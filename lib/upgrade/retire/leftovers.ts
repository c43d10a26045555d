import type { Evidence } from '../../runbook/step';
import type { Side } from '../../settings';
import type { Ports } from '../ports';
import { described, namesOfOld } from './names-of-old';

const told = (what: string, observed: string): Evidence => ({
  what,
  observed,
  expected: 'told',
  holds: true,
});

/** Other places that name a side which was tidied away, for a person to go through. Nothing of them is changed. */
export async function leftovers(ports: Ports, side: Side): Promise<Evidence[]> {
  const { settings } = ports;
  const record = await ports.record.recorded();
  const environments = Object.entries(settings.sides[side].environments);
  const adopted = environments.filter(([, { adoptedCname }]) => adoptedCname);
  const { others } = await namesOfOld(ports, side);
  const spent = record.databases.filter(
    ({ id, side: its, gone, endpoint }) =>
      !gone && endpoint && its !== side && record.posture.spent.includes(id),
  );
  return [
    ...adopted.map(([role, { adoptedCname }]) =>
      told(`settings, sides.${side}.environments.${role}.adoptedCname`, `${adoptedCname}: remove it`),
    ),
    told(
      'settings, upgrade',
      `from ${side}: exchange from and to for the next upgrade, which builds ${side} anew`,
    ),
    ...(await roles(
      ports,
      adopted.map(([, { instanceRole }]) => instanceRole),
    )),
    ...record.databases.flatMap(({ id, gone }) =>
      gone?.finalSnapshot ? [told(`the snapshot of ${id} that stays`, gone.finalSnapshot)] : [],
    ),
    ...spent.map(({ id }) =>
      told(`the database ${id}, which fell behind`, 'it stays: look whether its rows are still wanted'),
    ),
    ...others.map((record) => told('a record that leads to nothing now', described(record))),
    ...elsewhere(environments.map(([, { name }]) => name)),
  ];
}

/** A role that was made by hand has no Deny any more, and its name is taken. */
async function roles(ports: Ports, names: string[]): Promise<Evidence[]> {
  const found = await Promise.all(
    names.map(async (name) => ((await ports.roles.ofProfile(name)) ? [name] : [])),
  );
  return found
    .flat()
    .map((name) =>
      told(
        `the role and instance profile ${name}, made by hand`,
        'delete them, or name another instanceRole in the settings, before the side is built anew',
      ),
    );
}

/** What the account cannot be asked for. */
function elsewhere(names: string[]): Evidence[] {
  const listed = names.join(' and ');
  return [
    told('security groups', `rules that admit a group of ${listed}'s alone`),
    told('CloudWatch', `alarms and dashboards on ${listed}, on their load balancers and on their database`),
    told(
      'web hooks of Stripe, SES and Xero',
      `addresses that are not the live names but those of ${listed} (SNS subscriptions, the dashboards of Stripe and Xero)`,
    ),
    told('people', `bookmarks, documents and scripts (eb ssh, psql) with ${listed}`),
  ];
}
