import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { quick } from '../support/quick';
import { Stage } from '../support/stage';
import { pythonClients } from './clients/python';

const script = path.join(__dirname, 'clients', 'script.py');
const minuteMs = 60_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open(undefined, { durations: quick });
});
afterAll(() => stage.close());

const ifThere = pythonClients.includes('boto3') ? test : test.skip;

ifThere(
  "boto3's own waiters and paginators come to their end",
  async () => {
    const { account, region, zone, sides } = stage.settings;
    const known = {
      database: 'production-blue',
      web: sides.blue.environments.web!.name,
      zone: zone.id,
      zoneName: zone.name,
      bucket: `cdk-hnb659fds-assets-${account}-${region}`,
    };
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: stage.sandbox.origin,
      AWS_DEFAULT_REGION: region,
    };
    const { stdout } = await promisify(execFile)('python3', [script, JSON.stringify(known)], { env });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { what: string; ended: string });
    expect(told).toHaveLength(26);
    expect(told.filter(({ ended }) => ended !== 'ok')).toEqual([]);
  },
  3 * minuteMs,
);
