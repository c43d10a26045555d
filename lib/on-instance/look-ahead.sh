# REGION HOST PORT DATABASE USER PARAMETER briefly|at-length PARAMETER...
# Looks whether this instance can do what a night asks of it, and changes nothing. Prints
#   free N                                       how many MiB are free below /var/app
#   readable|refused|missing|unknown PARAMETER   whether its role may read each parameter
#   database CODE                                0 when the database answered, or an exit code of the prelude
#   bytes N                                      how large the database is
# and at length more than Run Command shows, so that the whole must come by way of its bucket.
region=$1
printf 'free %s\n' "$(df -Pm /var/app | tail -n 1 | awk '{ print $4 }')"

# size CONNECTION...: of the database, in a shell of its own, which a failed connection ends.
size() {
  connect "$@"
  sql <<'SQL'
SELECT 'bytes', pg_database_size(current_database());
SQL
}
code=0
answer=$(size "$1" "$2" "$3" "$4" "$5" "$6" 2>/dev/null) || code=$?
printf 'database %s\n' "$code"
if [ "$code" -eq 0 ]; then printf '%s\n' "$answer"; fi
length=$7
shift 7
try_parameters "$region" "$@"

if [ "$length" = at-length ]; then
  line=$(printf '%078d' 0)
  count=0
  while [ "$count" -lt 320 ]; do
    printf 'filler %s\n' "$line"
    count=$((count + 1))
  done
fi
printf 'end\n'
