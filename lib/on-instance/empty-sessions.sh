# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER TABLE
# Logs everybody out. Prints how many sessions there were and how many there are.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -1 -v sessions="$7" <<'SQL'
SELECT 'found', count(*) FROM :"sessions";
DELETE FROM :"sessions";
SELECT 'left', count(*) FROM :"sessions";
SQL
