# SECONDS [OWN]: waits that long at most for the application's commands to end, but for the tool's own; prints
# `running PID NAME` for those that have not. OWN is a command of the tool's that goes on for hours: it is ended, for it can
# be begun again, and prints `ended PID`.
left=$1
for pid in ${2:+$(own_commands "$2")}; do
  if kill -TERM "$pid"; then printf 'ended %s\n' "$pid"; fi
done
running=$(commands)
while [ -n "$running" ] && [ "$left" -gt 0 ]; do
  sleep 5
  left=$((left - 5))
  running=$(commands)
done
[ -z "$running" ] || printf '%s\n' "$running" | sed 's/^/running /'
