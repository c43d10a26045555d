# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER UNREGISTERED USERS
# Prints how many rows each table has, and the numbers of the unregistered that a user has too.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -v unregistered="$7" -v users="$8" <<'SQL'
SELECT 'unregistered', count(*) FROM :"unregistered";
SELECT 'users', count(*) FROM :"users";
SELECT 'duplicate', o.system_number FROM :"unregistered" o
JOIN :"users" u ON u.system_number = o.system_number ORDER BY 2;
SQL
