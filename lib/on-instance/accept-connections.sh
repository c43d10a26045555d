# REGION HOST PORT DATABASE USER PARAMETER TIMES SECONDS_APART
# Succeeds when the database took a login so many times in a row.
connect "$1" "$2" "$3" "$4" "$5" "$6"
turn=0
while [ "$turn" -lt "$7" ]; do
  [ "$turn" -eq 0 ] || sleep "$8"
  sql <<'SQL'
SELECT current_database(), current_user;
SQL
  turn=$((turn + 1))
done
