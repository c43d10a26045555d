# COMMAND
# Ends that command of the application where the tool started it, and waits for its end. Prints `found N`, and `left N` of
# those that did not end within a minute.
found=$(own_commands "$1")
printf 'found %s\n' "$(printf '%s' "$found" | grep -c . || true)"
for pid in $found; do kill -TERM "$pid" || true; done
left=60
while [ -n "$(own_commands "$1")" ] && [ "$left" -gt 0 ]; do
  sleep 2
  left=$((left - 2))
done
printf 'left %s\n' "$(own_commands "$1" | grep -c . || true)"
