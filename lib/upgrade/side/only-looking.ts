import { PreconditionError, UpgradeError } from '../../runbook/errors';
import type { Ports } from '../ports';

/**
 * For who may look and may not ask instances: each instance is a silent one, and everything else is shown. Never for what
 * acts: there an instance that does not answer is ended, and one that nobody may ask must not be.
 */
export function onlyLooking(ports: Ports): Ports {
  const { instances } = ports;
  return {
    ...ports,
    instances: {
      ...instances,
      run: async (...asked) => {
        try {
          return await instances.run(...asked);
        } catch (error) {
          if (!(error instanceof UpgradeError) || error.code !== 'ACCESS_DENIED') throw error;
          throw new PreconditionError('INSTANCE_UNREACHABLE', {
            so: error.text.so,
            next: 'Attach the policy that lets you ask instances (docs/security.md), then run the same command again.',
          });
        }
      },
    },
  };
}
