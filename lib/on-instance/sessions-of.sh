# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER
# Lists the sessions of the writing login that are not the tool's own, by process id.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql <<'SQL'
SELECT pid, coalesce(host(client_addr), 'local'), coalesce(state, 'unknown') FROM pg_stat_activity
WHERE usename = current_user AND application_name <> current_setting('application_name') ORDER BY pid;
SQL
