# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER BLOCKED UNREGISTERED
# Prints which table the addresses refer to, how many there are, and the ids of those whose person is not there.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -v blocked="$7" -v unregistered="$8" <<'SQL'
SELECT 'refers', confrelid::regclass FROM pg_constraint
WHERE contype = 'f' AND conrelid = (:'blocked')::regclass;
SELECT 'found', count(*) FROM :"blocked";
SELECT 'orphan', b.id FROM :"blocked" b
WHERE NOT EXISTS (SELECT FROM :"unregistered" u WHERE u.id = b.un_registered_user_id) ORDER BY b.id;
SQL
