# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER
# Lists the tables whose rows were ever read or written, the most used first, by names as SQL quotes them.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql <<'SQL'
SELECT format('%I.%I', schemaname, relname) FROM (
  SELECT schemaname, relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del AS used
  FROM pg_stat_user_tables
) tables WHERE used > 0 ORDER BY used DESC, 1;
SQL
