# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER LEDGER_TABLES
# Prints what a copy must have in common with its source, all of one moment. LEDGER_TABLES are names divided by commas.
#   rows SCHEMA.TABLE N                      a row is counted once: in the partition that holds it
#   sequence SCHEMA.NAME VALUE CALLED LOGGED where LOGGED is the value that a recovery would find
#   checksum SCHEMA.TABLE NUMBER             of each ledger table: a sum over its rows, in whatever order they lie
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -v ledger="$7" <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
-- A row's text must not depend on what the database or the login is set to, nor leave out digits.
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL TimeZone = 'UTC';
SET LOCAL extra_float_digits = 3;
SET LOCAL bytea_output = 'hex';
-- Reading all of a large database takes longer than any query of visitors may.
SET LOCAL statement_timeout = 0;
SELECT 'ledger', set_config('upgrade.ledger', :'ledger', true);
DO $$
DECLARE
  ledger text[] := string_to_array(current_setting('upgrade.ledger'), ',');
  found jsonb := '[]';
  each record;
  number numeric;
  called boolean;
  logged numeric;
BEGIN
  FOR each IN
    SELECT n.nspname AS schema, c.relname AS name, c.relname = ANY (ledger) AS in_ledger
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2
  LOOP
    EXECUTE format('SELECT count(*) FROM ONLY %I.%I', each.schema, each.name) INTO number;
    found := found || to_jsonb(format('rows %I.%I %s', each.schema, each.name, number));
    IF each.in_ledger THEN
      -- Half of each row's hash as a number of 64 bits: two tables of equal sums differ by no accident.
      EXECUTE format(
        'SELECT coalesce(sum((''x'' || left(md5((t.*)::text), 16))::bit(64)::bigint), 0) FROM %I.%I t',
        each.schema, each.name) INTO number;
      found := found || to_jsonb(format('checksum %I.%I %s', each.schema, each.name, number));
    END IF;
  END LOOP;
  FOR each IN
    SELECT n.nspname AS schema, c.relname AS name, s.seqincrement AS step
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2
  LOOP
    -- The write-ahead log holds a sequence as it will be some values later.
    EXECUTE format('SELECT last_value, is_called, last_value + log_cnt::numeric * %s FROM %I.%I',
      each.step, each.schema, each.name) INTO number, called, logged;
    found := found || to_jsonb(format('sequence %I.%I %s %s %s', each.schema, each.name, number, called, logged));
  END LOOP;
  PERFORM set_config('upgrade.found', found::text, true);
END
$$;
SELECT jsonb_array_elements_text(current_setting('upgrade.found')::jsonb);
COMMIT;
SQL
