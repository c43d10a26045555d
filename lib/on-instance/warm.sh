# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER USED_TABLES
# Reads every table and every index once: those of USED_TABLES first (a line each, names as SQL quotes them), then by their
# size. Prints of each
#   table|index whole|partly|gone NAME      `partly` when it took too long or was locked, `gone` when it was dropped
# An index is read in its own order, by all of its columns; those that have no order, or hold an expression, are left out,
# and so are values that are stored apart from their rows.
connect "$1" "$2" "$3" "$4" "$5" "$6"
# Each read is a transaction of its own, which a migration beside it may have to wait for, so it is cut off after half a
# minute. What somebody has locked is being worked on by them: nobody queues up for it.
export PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=30s -c lock_timeout=1s'

# From the catalogue alone: to ask for a size or a condition takes the lock that a migration may hold.
reads=$(
  sql -v used="$7" <<'SQL'
WITH tables AS (
  SELECT c.oid, n.nspname AS schema, format('%I.%I', n.nspname, c.relname) AS name, c.relpages AS pages
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), orders AS (
  -- The operator tells apart indexes of one column: those for LIKE sort by characters.
  SELECT i.indexrelid, string_agg(
    format('%I', a.attname) || coalesce(' COLLATE ' || quote_ident(ln.nspname) || '.' || quote_ident(l.collname), '')
      || format(' USING OPERATOR(%I.%s)', pn.nspname, p.oprname)
      || CASE WHEN key.direction & 2 = 2 THEN ' NULLS FIRST' ELSE ' NULLS LAST' END, ', ' ORDER BY key.place) AS columns
  FROM pg_index i
  CROSS JOIN unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[])
    WITH ORDINALITY AS key (attribute, class, collated, direction, place)
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attribute
  JOIN pg_opclass o ON o.oid = key.class
  JOIN pg_am m ON m.oid = o.opcmethod AND m.amname = 'btree'
  JOIN pg_amop s ON s.amopfamily = o.opcfamily AND s.amoplefttype = o.opcintype AND s.amoprighttype = o.opcintype
    AND s.amopstrategy = CASE WHEN key.direction & 1 = 1 THEN 5 ELSE 1 END
  JOIN pg_operator p ON p.oid = s.amopopr
  JOIN pg_namespace pn ON pn.oid = p.oprnamespace
  LEFT JOIN pg_collation l ON l.oid = key.collated
  LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
  WHERE i.indisvalid AND i.indexprs IS NULL
  GROUP BY i.indexrelid
), reads AS (
  SELECT 'table' AS kind, t.oid AS table, t.oid, t.name, 'enable_indexonlyscan' AS elsewhere, '' AS sorted FROM tables t
  UNION ALL
  SELECT 'index', t.oid, c.oid, format('%I.%I', t.schema, c.relname), 'enable_seqscan', ' ORDER BY ' || o.columns
  FROM pg_index i JOIN tables t ON t.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
  JOIN orders o ON o.indexrelid = i.indexrelid
)
SELECT format('DO %L; SELECT current_setting(''upgrade.read'');', format($do$BEGIN
  SET LOCAL %s = off;
  EXECUTE %L || coalesce((SELECT ' WHERE ' || pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = %s), '') || %L;
  PERFORM set_config('upgrade.read', %L, false);
EXCEPTION
  WHEN query_canceled OR lock_not_available THEN PERFORM set_config('upgrade.read', %L, false);
  WHEN undefined_table OR undefined_column THEN PERFORM set_config('upgrade.read', %L, false);
END$do$, r.elsewhere, 'SELECT count(*) FROM (SELECT FROM ONLY ' || t.name, r.oid, r.sorted || ') t',
  r.kind || ' whole ' || r.name, r.kind || ' partly ' || r.name, r.kind || ' gone ' || r.name))
FROM reads r JOIN tables t ON t.oid = r.table
LEFT JOIN unnest(string_to_array(:'used', E'\n')) WITH ORDINALITY AS used (name, place) ON used.name = t.name
ORDER BY used.place, t.pages DESC, t.name, r.kind DESC, r.name;
SQL
)

{
  cat <<'SQL'
SET enable_bitmapscan = off;
SET enable_sort = off;
SET enable_incremental_sort = off;
SQL
  printf '%s\n' "${reads//$separator/$newline}"
} | sql
