# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER UNREGISTERED USERS
# Prints how many rows each table has, and the numbers of the unregistered of whom no user can be made: `duplicate` where
# a user has the number, as a number or as a name to log in with; `nameless` where a name is missing.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -v unregistered="$7" -v users="$8" <<'SQL'
SELECT 'unregistered', count(*) FROM :"unregistered";
SELECT 'users', count(*) FROM :"users";
SELECT CASE WHEN taken THEN 'duplicate' ELSE 'nameless' END, system_number FROM (
  SELECT o.system_number, o.first_name IS NULL OR o.last_name IS NULL AS nameless,
    EXISTS (SELECT FROM :"users" u WHERE u.system_number = o.system_number)
      OR EXISTS (SELECT FROM :"users" u WHERE u.username = o.system_number::text) AS taken
  FROM :"unregistered" o
) people WHERE taken OR nameless ORDER BY 1, 2;
SQL
