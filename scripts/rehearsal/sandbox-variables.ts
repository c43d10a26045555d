import { randomBytes } from 'node:crypto';
import type { Settings } from '../../lib/settings';
import { endpointOf } from '../../sandbox/rds/state';
import type { Sandbox, SandboxOptions } from '../../sandbox/start';
import { operatorSecret } from '../../sandbox/sts/sts';
import { worldBefore } from './world-before';
import { worldByHand } from './world-by-hand';

/** `before` an upgrade, adopted; or as people made it `by-hand`. */
export const worlds = { before: worldBefore, 'by-hand': worldByHand };
export type WorldName = keyof typeof worlds;

/** How a sandbox with one of these worlds is started; its key id is its own, for tools remember whose it is. */
export function startOptions(
  settings: Settings,
  world: WorldName = 'before',
): Pick<SandboxOptions, 'plan' | 'accessKeyId' | 'onFault'> {
  return {
    plan: worlds[world](settings, (id) => endpointOf(settings.account, settings.region, id)),
    accessKeyId: `AKIASANDBOX${randomBytes(5).toString('hex').toUpperCase()}`,
    onFault: (what, error) => process.stderr.write(`sandbox: ${what}: ${(error as Error)?.stack ?? error}\n`),
  };
}

/** What a process needs so that any client in it talks to the sandbox, and to nothing else. */
export function variablesOf(sandbox: Sandbox, region: string, accessKeyId: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: sandbox.origin,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: operatorSecret,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    UPGRADE_DNS: sandbox.dns,
    UPGRADE_HTTP_PROXY: sandbox.proxy,
    UPGRADE_CLOCK: sandbox.clock,
  };
}
