# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER SECONDS
# Prints, for each table, how many rows were ever written, `before` and `after` so many seconds.
connect "$1" "$2" "$3" "$4" "$5" "$6"
count_writes() {
  sql -v moment="$1" <<'SQL'
SELECT :'moment', schemaname || '.' || relname, n_tup_ins + n_tup_upd + n_tup_del
FROM pg_stat_user_tables ORDER BY 2;
SQL
}
count_writes before
sleep "$7"
count_writes after
