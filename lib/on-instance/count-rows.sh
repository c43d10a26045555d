# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER TABLE...
# Prints `TABLE ROWS` for each.
connect "$1" "$2" "$3" "$4" "$5" "$6"
shift 6
for table in "$@"; do
  sql -v name="$table" <<'SQL'
SELECT :'name', count(*) FROM :"name";
SQL
done
