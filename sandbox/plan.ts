import type { PlainOptions } from './application/plain';
import type { OptionSetting } from './beanstalk/configuration';
import type { Network } from './ec2/service';
import type { SeededRecord } from './route53/route53';

/** A database that is there when the sandbox starts. */
export interface PlannedDatabase {
  id: string;
  instanceClass: string;
  databaseName: string;
  masterUsername: string;
  /** Its master password, or the parameter that holds it. */
  password: string | { parameter: string };
  /** `production` is the data before the upgrade; `preparation` a few rows on the new release's tables. */
  data: 'production' | 'preparation';
}

/** An environment whose processes run when the sandbox starts. */
export interface PlannedEnvironment {
  name: string;
  /** The part of its CNAME before the first dot and whatever follows: given whole. */
  cname: string;
  role: string;
  options: OptionSetting[];
  versionLabel: string;
}

/** A certificate that was issued when the sandbox starts. */
export interface PlannedCertificate {
  arn: string;
  domainName: string;
  /** As ACM lists them, the domain name among them. */
  alternativeNames: string[];
  /** From the start on. */
  validDays: number;
}

/** A stack that looks as if an import of these resources had finished. */
export interface PlannedStack {
  name: string;
  template: object;
  /** Physical ids by logical id. */
  resources: Record<string, string>;
  terminationProtection: boolean;
}

/** What the judge has to know of the application and its sides. Names of variables and tables. */
export interface Judged {
  /** The environments of each side, whether they exist yet or not. */
  sides: Record<string, string[]>;
  /** Any of them that is neither empty nor `not-set` is a real payment key. */
  payments: string[];
  /** Without one nobody can tell whether a side is open. */
  maintenance: { name: string; on: string } | undefined;
  databaseHost: string;
  sessions: string | undefined;
  conversion: { unregistered: string; users: string } | undefined;
}

/** The world as it stands when the sandbox starts. */
export interface WorldPlan {
  account: string;
  region: string;
  zone: { id: string; name: string };
  /** The account's other public zones, which the settings do not name. */
  otherZones?: { id: string; name: string }[];
  application: {
    name: string;
    versions: string[];
    releasesBefore: string[];
    platformArn: string;
    /** What is known of an application for which there is no better stand-in. */
    known: PlainOptions;
  };
  network: Network;
  roles: { name: string; managedPolicies: string[] }[];
  parameters: { name: string; value: string; type: 'String' | 'SecureString' }[];
  databases: PlannedDatabase[];
  environments: PlannedEnvironment[];
  records: SeededRecord[];
  certificates: PlannedCertificate[];
  stacks: PlannedStack[];
  judged: Judged;
  /** The host names that visitors and web hooks use. */
  hosts: { web: string[]; ses: string };
  /** What the payment service signs its web hooks with; without it, nothing is signed. */
  stripeWebhookSecret?: string;
}
