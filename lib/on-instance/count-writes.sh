# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER SECONDS
# Prints `tracking on` if the database counts at all, and for each table how many rows were ever written, `before` and
# `after` so many seconds.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql <<'SQL'
SELECT 'tracking', current_setting('track_counts');
SQL
count_writes() {
  sql -v moment="$1" <<'SQL'
SELECT :'moment', format('%I.%I', schemaname, relname), n_tup_ins + n_tup_upd + n_tup_del
FROM pg_stat_user_tables ORDER BY 2;
SQL
}
count_writes before
sleep "$7"
count_writes after
