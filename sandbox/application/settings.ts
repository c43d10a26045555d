/** Where an application's database is, and who it is there. */
export interface DatabaseSettings {
  databaseHost: string;
  databasePort: string;
  databaseName: string;
  databaseUser: string;
  databasePassword: string;
}

/** What the application reads from its environment when it starts. A missing variable mostly becomes `not-set`. */
export interface Settings extends DatabaseSettings {
  maintenance: boolean;
  /** Only then does e-mail keep the address it is meant for. */
  playpenDisabled: boolean;
  stripeSecretKey: string;
  /** Empty accepts unsigned web hooks. */
  stripeWebhookSecret: string;
  xeroWebhookKey: string;
  /** Any value, NO included, means on. */
  masterpointsFromDatabase: boolean;
  hostname: string;
}

export function readSettings(environ: Record<string, string>): Settings {
  const value = (name: string, missing = 'not-set') => environ[name] ?? missing;
  return {
    databaseHost: value('RDS_HOSTNAME'),
    databasePort: value('RDS_PORT', '5432'),
    databaseName: value('RDS_DB_NAME'),
    databaseUser: value('RDS_USERNAME'),
    databasePassword: value('RDS_PASSWORD'),
    maintenance: value('MAINTENANCE_MODE', 'OFF') === 'ON',
    playpenDisabled: value('DISABLE_PLAYPEN', 'OFF') === 'ON',
    stripeSecretKey: value('STRIPE_SECRET_KEY'),
    stripeWebhookSecret: value('STRIPE_WEBHOOK_SECRET', ''),
    xeroWebhookKey: value('XERO_WEBHOOK_KEY'),
    masterpointsFromDatabase: environ.MP_USE_DJANGO !== undefined,
    hostname: value('COBALT_HOSTNAME', '127.0.0.1:8000'),
  };
}
