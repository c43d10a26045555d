/** What only a look ahead asks of the world. */

/** What the calls of this process are signed with. */
export interface Credentials {
  /** Undefined where they do not end: they are nobody's session, or get themselves a new one. */
  end(): Promise<'unknown' | Date | undefined>;
}

/** What environments are made of. */
export interface Catalogue {
  /** Undefined when there is no such version of a platform. */
  platform(arn: string): Promise<{ status: string; releasedAt: Date | undefined } | undefined>;
  /** Those of these version labels that the application has. */
  versions(labels: string[]): Promise<string[]>;
  /** Whether nobody has this prefix of a CNAME, in any account. */
  isFree(cnamePrefix: string): Promise<boolean>;
}

/** How much of something an account uses and may use. */
export interface Quota {
  /** AWS's name of it, such as `DBInstances`. */
  name: string;
  used: number;
  max: number;
}

export interface Quotas {
  ofDatabases(): Promise<Quota[]>;
}

/** What a listener shows to browsers. */
export interface Certificate {
  /** AWS's word, such as `ISSUED`. */
  status: string;
  /** The names it is for; one that begins with `*.` is for one label more. */
  names: string[];
  /** Undefined while it was never issued. */
  endsAt: Date | undefined;
}

export interface Certificates {
  /** Undefined when there is none of that ARN. */
  find(arn: string): Promise<Certificate | undefined>;
}

/** Buckets that are not the tool's own. */
export interface Buckets {
  exists(name: string): Promise<boolean>;
}
