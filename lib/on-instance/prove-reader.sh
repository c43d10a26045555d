# REGION HOST PORT DATABASE READER READER_PARAMETER
# Tries, as the login that only reads, to read and to write every table. Prints
#   default on|off            whether its transactions only read unless they say otherwise
#   tables N                  how many were tried
#   refused N                 how many refused an INSERT for want of the right
#   written TABLE SQLSTATE    one that did not, UP001 if it took the row; the transaction is rolled back
#   unreadable TABLE SQLSTATE one that refused a SELECT
#   power NAME                a right that such a login should not have
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql <<'SQL'
SELECT 'default', current_setting('default_transaction_read_only');
BEGIN READ WRITE;
DO $$
DECLARE
  each record;
  tables integer := 0;
  refused integer := 0;
  faults jsonb := '[]';
BEGIN
  FOR each IN
    SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2
  LOOP
    tables := tables + 1;
    BEGIN
      EXECUTE format('SELECT FROM %I.%I LIMIT 1', each.schema, each.name);
    EXCEPTION WHEN OTHERS THEN
      faults := faults || to_jsonb(format('unreadable %I.%I %s', each.schema, each.name, SQLSTATE));
    END;
    BEGIN
      EXECUTE format('INSERT INTO %I.%I DEFAULT VALUES', each.schema, each.name);
      -- It was accepted: an error takes it back at once.
      RAISE EXCEPTION USING ERRCODE = 'UP001';
    EXCEPTION
      WHEN insufficient_privilege THEN refused := refused + 1;
      WHEN OTHERS THEN faults := faults || to_jsonb(format('written %I.%I %s', each.schema, each.name, SQLSTATE));
    END;
  END LOOP;
  faults := jsonb_build_array(format('tables %s', tables), format('refused %s', refused)) || faults;
  PERFORM set_config('upgrade.found', faults::text, true);
END
$$;
SELECT jsonb_array_elements_text(current_setting('upgrade.found')::jsonb);
SELECT 'power', unnest(array_remove(ARRAY[
  CASE WHEN rolsuper THEN 'superuser' END,
  CASE WHEN rolcreaterole THEN 'createrole' END,
  CASE WHEN rolcreatedb THEN 'createdb' END,
  CASE WHEN rolreplication THEN 'replication' END,
  CASE WHEN rolbypassrls THEN 'bypassrls' END], NULL))
FROM pg_roles WHERE rolname = current_user;
SELECT 'power', 'member-of-' || r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = current_user);
SELECT 'power', 'change-' || n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'));
ROLLBACK;
SQL
