# SECONDS: waits that long at most for the application's commands to end, but for the tool's own; prints
# `running PID NAME` for those that have not.
left=$1
running=$(commands)
while [ -n "$running" ] && [ "$left" -gt 0 ]; do
  sleep 5
  left=$((left - 5))
  running=$(commands)
done
[ -z "$running" ] || printf '%s\n' "$running" | sed 's/^/running /'
