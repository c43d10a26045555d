# ANY_VARIABLE { variable|payment|forbidden NAME }...
# Prints what cron does, how many commands of the application run that the tool did not start, and for each process that
# serves (told by a variable that each has) what it was started with. Of a payment variable only whether it holds a key,
# never the key.
serving=$1
shift

enabled=$(systemctl is-enabled crond 2>/dev/null) || true
active=$(systemctl is-active crond 2>/dev/null) || true
case $enabled in enabled*) enabled=enabled ;; *) enabled=disabled ;; esac
# Whatever is not plainly over, such as "deactivating", counts as running.
case $active in inactive | failed | unknown | '') active=stopped ;; *) active=running ;; esac
printf 'crond %s %s\n' "$active" "$enabled"
printf 'commands %s\n' "$(commands | wc -l | tr -d ' ')"

# told PID KIND NAME: one line about one variable of a process.
told() {
  local value
  case $2 in
    variable)
      if value=$(value_of "$1" "$3"); then printf '%s=%s\n' "$3" "${value//[[:cntrl:]]/}"; fi
      ;;
    payment)
      value=$(value_of "$1" "$3") || true
      case $value in
        '') printf 'payment %s absent\n' "$3" ;;
        not-set) printf 'payment %s not-set\n' "$3" ;;
        *) printf 'payment %s armed\n' "$3" ;;
      esac
      ;;
    forbidden)
      if value_of "$1" "$3" >/dev/null; then
        printf 'forbidden %s present\n' "$3"
      else
        printf 'forbidden %s absent\n' "$3"
      fi
      ;;
  esac
}

# all PID { KIND NAME }...
all() {
  local pid=$1
  shift
  while [ $# -gt 0 ]; do
    told "$pid" "$1" "$2"
    shift 2
  done
}

for pid in $(web_processes "$serving"); do
  answer=$(all "$pid" "$@")
  # One that ended meanwhile obeys nothing any more.
  if [ -d "/proc/$pid" ]; then printf 'process %s\n%s\n' "$pid" "$answer"; fi
done
