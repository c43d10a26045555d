import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RestoredDatabase } from '../constructs/restored-database';
import type { DatabaseRecord, SourceAttributes } from '../record';
import type { Settings } from '../settings';

/** A database that the tool restores: it is recorded with its snapshot and its source's attributes. */
export type RestorableRecord = DatabaseRecord & { snapshot: string; source: SourceAttributes };

export function isRestorable(record: DatabaseRecord): record is RestorableRecord {
  return record.snapshot !== undefined && record.source !== undefined;
}

/** One restored database in a stack of its own, created once and never updated but to be given up. */
export class DatabaseStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    props: StackProps & { settings: Settings; database: RestorableRecord; retiring: boolean },
  ) {
    super(scope, id, props);
    const { settings, database, retiring } = props;
    new RestoredDatabase(this, 'Database', {
      id: database.id,
      snapshot: database.snapshot,
      instanceClass: settings.database.instanceClass,
      source: database.source,
      retiring,
    });
  }
}
