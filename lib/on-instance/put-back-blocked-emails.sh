# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER BLOCKED UNREGISTERED KEPT USERS
# Gives each kept address back to the user who now has its person's number. Prints how many were kept, how many are
# back now, the numbers nobody has, and the numbers whose user is another row than the one the conversion made.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -1 -v blocked="$7" -v unregistered="$8" -v kept="$9" -v users="${10}" <<'SQL'
LOCK TABLE :"blocked" IN EXCLUSIVE MODE;
INSERT INTO :"blocked" (email, un_registered_user_id)
SELECT k.email, u.id FROM :"kept" k JOIN :"users" u ON u.system_number = k.system_number
WHERE NOT EXISTS (SELECT FROM :"blocked" b WHERE b.un_registered_user_id = u.id AND b.email = k.email);
SELECT 'kept', count(*) FROM :"kept";
SELECT 'back', count(*) FROM :"kept" k WHERE EXISTS (
  SELECT FROM :"blocked" b JOIN :"users" u ON u.id = b.un_registered_user_id
  WHERE u.system_number = k.system_number AND b.email = k.email);
SELECT DISTINCT 'left', k.system_number FROM :"kept" k
WHERE NOT EXISTS (SELECT FROM :"users" u WHERE u.system_number = k.system_number) ORDER BY 2;
SELECT 'nobody', count(*) FROM :"kept" k
WHERE NOT EXISTS (SELECT FROM :"users" u WHERE u.system_number = k.system_number);
SELECT DISTINCT 'other', k.system_number FROM :"kept" k
JOIN :"users" u ON u.system_number = k.system_number
JOIN :"unregistered" o ON o.system_number = k.system_number ORDER BY 2;
SQL
