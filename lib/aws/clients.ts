import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { type Clock, wallClock } from '../runbook/clock';
import { PreconditionError } from '../runbook/errors';
import type { Settings } from '../settings';
import { generalFault } from './faults';

type ClientOptions = Pick<
  STSClientConfig,
  'region' | 'maxAttempts' | 'retryMode' | 'requestHandler' | 'credentials'
>;

type Handler = (args: never) => Promise<never>;
/** As much of a client as is common to all. */
interface Client {
  middlewareStack: {
    add(
      middleware: (next: Handler, context: { clientName?: string; commandName?: string }) => Handler,
      options: { step: 'initialize' | 'finalizeRequest'; priority: 'high' | 'low'; name: string },
    ): void;
  };
}

// The library announces the end of its support for this version of Node on stderr, at every start.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
// The construct library validates templates only if it is not told so here; bin/cobalt.ts says why it is not to.
process.env.CDK_VALIDATION ??= 'false';

/** The account that the credentials are of, for whoever has no settings of it yet. */
export async function accountOf(settings: Settings): Promise<string> {
  const { Account = '' } = await new Clients(settings).make(STSClient).send(new GetCallerIdentityCommand({}));
  return Account;
}

/** Makes the clients of one account and region. All of them sign with the same credentials, asked for once. */
export class Clients {
  private readonly options: ClientOptions;
  private readonly sts: STSClient;
  private checked: Promise<void> | undefined;
  private guard: () => Promise<void> = async () => {};

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock = wallClock,
  ) {
    this.options = {
      region: settings.region,
      maxAttempts: 6,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 120_000 },
    };
    this.sts = this.make(STSClient, { isGuarded: false });
    this.options.credentials = this.sts.config.credentials;
  }

  /** What must not throw before a call is made from now on: by whatever client, but for those that are not guarded. */
  guardCalls(guard: () => Promise<void>): void {
    this.guard = guard;
  }

  /** For calls that are made by no client of these. */
  checkGuard(): Promise<void> {
    return this.guard();
  }

  /** A client whose general faults are errors a person can act on. `maxAttempts` 1 is for calls not safe to repeat. */
  make<T>(
    Client: new (options: ClientOptions) => T,
    {
      isGuarded = true,
      ...own
    }: Pick<ClientOptions, 'maxAttempts' | 'retryMode'> & { isGuarded?: boolean } = {},
  ): T {
    const client = new Client({ ...this.options, ...own });
    const { middlewareStack } = client as Client;
    // Behind the one that repeats a call: much may have happened while it waited.
    if (isGuarded)
      middlewareStack.add(
        (next) => async (args) => {
          await this.guard();
          return next(args);
        },
        { step: 'finalizeRequest', priority: 'low', name: 'guard' },
      );
    middlewareStack.add(
      (next, context) => async (args) => {
        try {
          return await this.clock.working(() => next(args));
        } catch (error) {
          throw generalFault(error, callName(context));
        }
      },
      { step: 'initialize', priority: 'high', name: 'generalFault' },
    );
    return client;
  }

  /** What all clients sign with, for a library that makes its own. */
  get credentials() {
    return this.sts.config.credentials;
  }

  /**
   * Asks once whose credentials these are.
   * @throws PreconditionError WRONG_ACCOUNT
   */
  checkAccount(): Promise<void> {
    this.checked ??= this.askAccount();
    return this.checked;
  }

  /** Asks now, whatever was answered before: credentials end. */
  async askAccount(): Promise<void> {
    const { Account, Arn } = await this.sts.send(new GetCallerIdentityCommand({}));
    if (Account === this.settings.account) return;
    throw new PreconditionError('WRONG_ACCOUNT', {
      so: `The credentials are those of ${Arn ?? 'nobody'} in the account ${Account}; the settings name the account ${this.settings.account}.`,
      next: `Use credentials of ${this.settings.account}, or the settings of ${Account} (--settings FILE).`,
    });
  }
}

const callName = ({ clientName = '', commandName = '' }) =>
  `${clientName.replace(/Client$/, '')} ${commandName.replace(/Command$/, '')}`;
