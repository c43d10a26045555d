# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER READER READER_PARAMETER
# Makes the login that only reads, or makes an existing one into that.
connect "$1" "$2" "$3" "$4" "$5" "$6"
reader_password=$(password "$1" "$8") || fail "$secret_unreadable" "The parameter $8 cannot be read."
hand_over reader_password "$reader_password"

sql -1 -v reader="$7" <<'SQL'
SELECT set_config('upgrade.reader', :'reader', true);
DO $$
DECLARE
  reader text := current_setting('upgrade.reader');
  thing record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION', reader);
  END IF;
  FOR thing IN
    SELECT role.rolname AS name FROM pg_auth_members m
    JOIN pg_roles role ON role.oid = m.roleid JOIN pg_roles member ON member.oid = m.member
    WHERE member.rolname = reader
  LOOP
    EXECUTE format('REVOKE %I FROM %I', thing.name, reader);
  END LOOP;
  IF NOT has_database_privilege(reader, current_database(), 'CONNECT') THEN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), reader);
  END IF;
  FOR thing IN
    SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  LOOP
    -- A database made before PostgreSQL 15 lets everybody make tables in the schema public.
    IF has_schema_privilege(reader, thing.name, 'CREATE') THEN
      EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC, %I', thing.name, reader);
    END IF;
    IF NOT has_schema_privilege(reader, thing.name, 'USAGE') THEN
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', thing.name, reader);
    END IF;
  END LOOP;
  FOR thing IN
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind = 'S' AS is_sequence
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  LOOP
    IF thing.is_sequence THEN
      IF has_sequence_privilege(reader, thing.oid, 'USAGE, UPDATE') THEN
        EXECUTE format('REVOKE ALL ON SEQUENCE %I.%I FROM PUBLIC, %I', thing.schema, thing.name, reader);
      END IF;
      IF NOT has_sequence_privilege(reader, thing.oid, 'SELECT') THEN
        EXECUTE format('GRANT SELECT ON SEQUENCE %I.%I TO %I', thing.schema, thing.name, reader);
      END IF;
    ELSE
      IF has_table_privilege(reader, thing.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        OR has_any_column_privilege(reader, thing.oid, 'INSERT, UPDATE, REFERENCES') THEN
        EXECUTE format('REVOKE ALL ON %I.%I FROM PUBLIC, %I', thing.schema, thing.name, reader);
      END IF;
      IF NOT has_table_privilege(reader, thing.oid, 'SELECT') THEN
        EXECUTE format('GRANT SELECT ON %I.%I TO %I', thing.schema, thing.name, reader);
      END IF;
    END IF;
  END LOOP;
  -- An error must not quote the statement, which holds the password.
  BEGIN
    EXECUTE format('ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE PASSWORD %L',
      reader, current_setting('upgrade.reader_password'));
  EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'the password of % cannot be set: %', reader, SQLERRM;
  END;
END
$$;
-- For the tables that this login will make later, as a migration does.
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO :"reader";
ALTER DEFAULT PRIVILEGES GRANT SELECT ON SEQUENCES TO :"reader";
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO :"reader";
ALTER ROLE :"reader" SET default_transaction_read_only = on;
SQL
