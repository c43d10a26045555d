import type { Client } from 'pg';
import type { AnyResourceType } from '../cloudformation/resource-type';
import type { Servers } from '../postgres/servers';
import type { OperationService } from '../service';
import type { Databases, World } from '../world';
import { Lifecycle } from './lifecycle';
import { rdsOperations } from './operations';
import { dbInstanceType } from './resource-type';
import { defaultGroups } from './rules';
import { defaultSettings, type Stated, withStated } from './settings';
import type { DatabaseInstance, Tag } from './state';
import { Validation } from './validation';

/** An instance that is there when the sandbox starts. The groups its settings name exist from then on. */
export interface SeededInstance {
  id: string;
  masterUsername: string;
  masterPassword: string;
  databaseName: string;
  settings?: Stated;
  tags?: Tag[];
  /** Fills the database, connected to it as the master user. */
  load?: (admin: Client) => Promise<void>;
}

export interface Rds {
  service: OperationService;
  resourceTypes: AnyResourceType[];
  databases: Databases;
  /** The name of an instance's endpoint, whether it exists yet or not. */
  endpointOf(id: string): string;
  seed(instance: SeededInstance): Promise<DatabaseInstance>;
  /** A connection past all rules, for whoever judges from outside. The caller ends it. */
  openAsSuperuser(id: string, database?: string): Promise<Client>;
  stop(): Promise<void>;
}

/** RDS on real PostgreSQL servers, unless it is given others. Nothing starts before the first instance is made. */
export function createRds(world: World, servers?: () => Promise<Servers>): Rds {
  const lifecycle = new Lifecycle(world, servers);
  const { state } = lifecycle;
  const groups = defaultGroups();
  const validation = new Validation(state, groups);

  async function seed(seeded: SeededInstance): Promise<DatabaseInstance> {
    const { id, masterUsername, masterPassword, databaseName, tags = [], load } = seeded;
    const settings = withStated(defaultSettings(world.region), seeded.settings ?? {});
    for (const group of settings.VpcSecurityGroupIds) groups.security.add(group);
    groups.subnet.add(settings.DBSubnetGroupName.toLowerCase());
    groups.parameter.add(settings.DBParameterGroupName);
    groups.option.add(settings.OptionGroupName);
    const instance = await lifecycle.seed({
      ...{ id, settings, tags, masterUsername, masterPassword, databaseName },
    });
    const admin = load && (await instance.cluster?.connectAs(masterUsername, masterPassword, databaseName));
    if (admin) await load(admin).finally(() => admin.end());
    return instance;
  }

  return {
    service: {
      name: 'rds',
      protocol: 'query',
      namespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
      operations: rdsOperations(world, lifecycle, validation),
    },
    resourceTypes: [dbInstanceType(world, lifecycle, validation)],
    databases: {
      connectionTo(endpoint) {
        const name = endpoint.toLowerCase().replace(/\.$/, '');
        for (const instance of state.instances.values())
          if (instance.cluster?.running && state.endpointOf(instance) === name)
            return { host: '127.0.0.1', port: instance.cluster.port };
        return undefined;
      },
    },
    endpointOf: (id) => state.endpointOf({ id }),
    seed,
    async openAsSuperuser(id, database) {
      const instance = state.instance(id);
      if (!instance.cluster?.running) throw new Error(`${id} does not accept connections.`);
      return instance.cluster.connect(database ?? instance.databaseName ?? 'postgres');
    },
    stop: () => lifecycle.stop(),
  };
}
