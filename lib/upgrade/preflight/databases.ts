import { preparedOnPeoplesData } from '../../moves';
import { databaseId } from '../../names';
import { databaseInTheMaking, databaseOf, nextGeneration } from '../../record';
import { type Check, finding, judged, type Survey } from './check';
import { spanFallsInto } from './weekly';

/** Of a live side, since the night begins with its database. */
export const source = (survey: Survey): Check => ({
  id: 'database',
  title: 'The live database is available where it is recorded, and no maintenance of it falls into the night',
  look: async () => {
    const record = await survey.record();
    const recorded = databaseOf(record, record.posture.live);
    if (!recorded)
      return [
        finding('the live database', 'not recorded', 'recorded', 'Run npm run adopt, which records it.'),
      ];
    const found = await survey.ports.databases.find(recorded.id);
    const maintenance = found?.attributes.maintenanceWindow ?? 'not known';
    return [
      finding(
        recorded.id,
        found?.status ?? 'not there',
        'available',
        `Wait until it is: aws rds wait db-instance-available --db-instance-identifier ${recorded.id}`,
      ),
      finding(
        `the endpoint of ${recorded.id}`,
        found?.endpoint ?? 'none',
        recorded.endpoint!,
        'Look at npm run status: the record and the database must be the same one.',
      ),
      judged(!spanFallsInto(survey.window, maintenance), {
        what: `the maintenance window of ${recorded.id}`,
        observed: `${maintenance} UTC`,
        expected: 'outside of the night',
        next: `Move it: aws rds modify-db-instance --db-instance-identifier ${recorded.id} --preferred-maintenance-window DAY:HH:MM-DAY:HH:MM`,
      }),
    ];
  },
});

/** An upgrade converts once: in a database that one has converted the night would find nothing to keep, and stop. */
export const conversion = (survey: Survey): Check => ({
  id: 'conversion',
  title: 'What the settings say is to be converted was not converted by an upgrade before',
  look: async () => {
    const record = await survey.record();
    const isDone = databaseOf(record, record.posture.live)?.converted !== undefined;
    const isWanted = survey.ports.settings.conversion !== undefined;
    return [
      judged(!isWanted || !isDone, {
        what: 'the conversion of users',
        observed: isDone ? 'done before' : 'not done before',
        expected: isWanted ? 'not done before' : 'not wanted',
        next: 'Take conversion out of the settings: everybody is converted.',
      }),
    ];
  },
});

/** What the night will make must not be there, or be what this upgrade began. */
export const copy = (survey: Survey): Check => ({
  id: 'copy',
  title: 'The names of the copy and of its snapshot are free',
  look: async () => {
    const { settings, databases } = survey.ports;
    const record = await survey.record();
    const side = settings.upgrade.to;
    const from = databaseOf(record, record.posture.live);
    if (databaseInTheMaking(record, side) || !from)
      return [finding('the copy', 'begun by this upgrade', 'begun by this upgrade', '')];
    const id = databaseId(settings, side, nextGeneration(record, side));
    const snapshot = `${id}-from-${from.id}`;
    const [database, taken] = await Promise.all([databases.find(id), databases.findSnapshot(snapshot)]);
    return [
      finding(
        `the database ${id}`,
        database?.status ?? 'free',
        'free',
        `Look whose it is, then rename it: aws rds modify-db-instance --db-instance-identifier ${id} --new-db-instance-identifier ${id}-before --apply-immediately`,
      ),
      finding(
        `the snapshot ${snapshot}`,
        taken?.status ?? 'free',
        'free',
        `Look whose it is, then remove it: aws rds delete-db-snapshot --db-snapshot-identifier ${snapshot}`,
      ),
    ];
  },
});

export const preparation = (survey: Survey): Check => ({
  id: 'preparation-database',
  title: "The database for preparation is nobody else's",
  look: async () => {
    const { settings } = survey.ports;
    const refusals = preparedOnPeoplesData(settings, await survey.record());
    const { host } = settings.preparationDatabase;
    const [id = ''] = host.split('.');
    const found = await survey.ports.databases.find(id);
    return [
      finding(
        `the database for preparation, ${id}`,
        found?.endpoint === host ? found.status : 'not there',
        'available',
        'Make it, with the tables of the new release, or name another as preparationDatabase in the settings.',
      ),
      finding(
        `what uses ${host}`,
        refusals.map(({ so }) => so).join(' ') || 'nothing that people use',
        'nothing that people use',
        refusals.map(({ next }) => next).join(' '),
      ),
    ];
  },
});

/** The night makes one database and at most two snapshots. */
export const quotas = (survey: Survey): Check => ({
  id: 'quotas',
  title: 'The account may have another database as large as the live one, and two more snapshots',
  look: async () => {
    const record = await survey.record();
    const live = databaseOf(record, record.posture.live);
    const [known, found] = await Promise.all([
      survey.ports.quotas.ofDatabases(),
      live ? survey.ports.databases.find(live.id) : undefined,
    ]);
    const needed = {
      DBInstances: 1,
      ManualSnapshots: 2,
      AllocatedStorage: found?.attributes.storageGib ?? 0,
    };
    return Object.entries(needed).map(([name, more]) => {
      const quota = known.find((each) => each.name === name);
      return judged(quota !== undefined && quota.max - quota.used >= more, {
        what: `RDS, ${name}`,
        observed: quota ? `${quota.used} of ${quota.max} used` : 'not told',
        expected: `${more} more`,
        next: 'Ask for more (Service Quotas, Amazon RDS), or remove what is not needed any more.',
      });
    });
  },
});
