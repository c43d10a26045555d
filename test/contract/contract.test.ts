import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { ask } from './ask';
import { allCases } from './cases/all';
import type { Known } from './cases/case';
import type { ContractClient } from './clients/client';
import { pythonClient, pythonClients } from './clients/python';
import { sdkClient } from './clients/sdk';
import { askWrongly } from './forbidden';
import { botocoreFolder, botocoreModel } from './models/botocore';
import type { ServiceModel } from './models/model';
import { schemaModel } from './models/schemas';
import { startTap, type Tap } from './tap';

if (!botocoreFolder)
  console.log(
    'python3 has no botocore: the models are those of the AWS SDK, without closed lists and lengths.',
  );
for (const name of ['boto3', 'aws'] as const)
  if (!pythonClients.includes(name)) console.log(`Skipped: python3 on this machine has no ${name}.`);

const models = new Map<string, ServiceModel>();
const modelOf = (service: string) => {
  const known = models.get(service);
  if (known) return known;
  const made = botocoreFolder ? botocoreModel(botocoreFolder, service) : schemaModel(service);
  models.set(service, made);
  return made;
};

let stage: Stage;
let tap: Tap;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
  tap = await startTap(stage.sandbox.origin);
  process.env.AWS_ENDPOINT_URL = tap.origin;
});
afterAll(async () => {
  await tap.close();
  await stage.close();
});

function knownTo(me: string): Known {
  const { account, region, zone, application, environment, sides } = stage.settings;
  return {
    ...{ me, account, region, application, zone: zone.id, zoneName: zone.name },
    bucket: `cdk-hnb659fds-assets-${account}-${region}`,
    certificate: environment.certificateArn,
    platform: environment.platformArn,
    version: environment.versionLabel,
    profile: sides.blue.environments.web!.instanceRole,
    database: 'production-blue',
    noSnapshotArn: `arn:aws:rds:${region}:${account}:snapshot:nobody`,
  };
}

const env = () => ({ ...process.env, AWS_DEFAULT_REGION: stage.settings.region });
const clients: [string, () => ContractClient][] = [
  ['the AWS SDK for JavaScript', sdkClient],
  ...pythonClients.map((name): [string, () => ContractClient] => [
    name,
    () => pythonClient(name, env(), name === 'boto3' ? ['--unchecked'] : []),
  ]),
];

test.each(clients)('what %s gets is what the models of AWS describe', async (_, open) => {
  const client = open();
  try {
    const known = knownTo(client.name);
    const { switches } = stage.sandbox.world;
    const asked = { client, tap, modelOf, known, switches };
    const faults: string[] = [];
    const forbidden: string[] = [];
    for (const one of allCases) {
      // The others look at what they are to send.
      if (client.name === 'boto3') forbidden.push(...(await askWrongly(asked, one)));
      faults.push(...(await ask(asked, one)));
    }
    expect({ faults, forbidden }).toEqual({ faults: [], forbidden: [] });
  } finally {
    client.close();
  }
});
