import type { Client } from 'pg';

const groupRoles = `
  create role rds_superuser;
  create role rds_replication;
  create role rds_password;
  create role rds_iam;
  grant pg_monitor, pg_signal_backend, pg_checkpoint, pg_read_all_stats, rds_replication, rds_password
    to rds_superuser with admin option;
`;

/**
 * The roles of an RDS instance. The master user is no superuser, but a member of `rds_superuser`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
 */
export async function makeRoles(
  superuser: Client,
  masterUsername: string,
  masterPassword: string,
  databaseName: string | undefined,
): Promise<void> {
  const master = superuser.escapeIdentifier(masterUsername);
  await superuser.query(groupRoles);
  await superuser.query(`create role ${master} login createdb createrole`);
  await setPassword(superuser, masterUsername, masterPassword);
  await superuser.query(`grant rds_superuser to ${master} with admin option`);
  await superuser.query(`alter database postgres owner to ${master}`);
  if (databaseName !== undefined)
    await superuser.query(`create database ${superuser.escapeIdentifier(databaseName)} owner ${master}`);
}

export async function setPassword(superuser: Client, username: string, password: string): Promise<void> {
  await superuser.query(
    `alter role ${superuser.escapeIdentifier(username)} password ${superuser.escapeLiteral(password)}`,
  );
}
