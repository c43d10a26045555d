# LOG COMMAND HOST LINES PROGRESS FAULT
# Tells what became of a command that manage.sh ran on the database of that HOST. Prints one of
#   none               it was not begun here, or on another database last
#   running | broken   it goes on, or is gone without an end
#   ended CODE
# then `lines N`, behind a `>` each line after so many of them that matches PROGRESS, `faults N` and the first of the lines
# that match FAULT behind a `!`, and, where it ended otherwise than with 0, its last lines behind a `?`. What else it printed
# may name people, and stays here. Both are extended regular expressions; an empty one matches nothing.
[ -f "$1" ] || { printf 'none\n'; exit 0; }
read -r _ begun_on <"$1" || begun_on=
[ "$begun_on" = "$3" ] || { printf 'none\n'; exit 0; }
running=$(own_commands "$2")
# What was just begun has no process yet.
[ -n "$running" ] || sleep 3
[ -n "$running" ] || running=$(own_commands "$2")
state=broken
[ ! -f "$1.end" ] || state=$(cat "$1.end")
[ -z "$running" ] || state=running
printf '%s\n' "$state"
printf 'lines %s\n' "$(wc -l <"$1" | tr -d ' ')"
[ -z "$5" ] || tail -n "+$(($4 + 1))" "$1" | grep -a -E -e "$5" | cut -c 1-200 | sed 's/^/>/' || true
if [ -n "$6" ]; then
  printf 'faults %s\n' "$(grep -a -E -c -e "$6" "$1" || true)"
  grep -a -E -m 1 -e "$6" "$1" | cut -c 1-300 | sed 's/^/!/' || true
fi
case $state in
  'ended 0' | running) ;;
  *) tail -n 3 "$1" | cut -c 1-300 | sed 's/^/?/' || true ;;
esac
