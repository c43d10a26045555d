# SECONDS: waits that long at most for the application's commands to end; prints those that still run.
left=$1
running=$(commands)
while [ -n "$running" ] && [ "$left" -gt 0 ]; do
  sleep 5
  left=$((left - 5))
  running=$(commands)
done
printf '%s\n' "$running"
