# LOG REGION HOST PORT DATABASE USER PARAMETER
# NAME_OF_HOST NAME_OF_PORT NAME_OF_DATABASE NAME_OF_USER NAME_OF_PASSWORD FREE_MIB SHOWN COMMAND [ARGUMENT]...
# Runs a command of the application with the variables of its web process, but on the database given first. Where a LOG is
# named, what it prints is kept there on the instance, for follow-command.sh; how it ended is kept beside it, since a line of
# the command's own could say anything. Where SHOWN is given, an extended regular expression, only lines of it leave this
# instance: the others may name people.
log=$1
shift
connect "$1" "$2" "$3" "$4" "$5" "$6"
shift 6
name_of_host=$1
name_of_port=$2
name_of_database=$3
name_of_user=$4
name_of_password=$5
needed_mib=$6
shown=$7
shift 7

free_mib=$(df -Pm /var/app | tail -n 1 | awk '{ print $4 }')
[ "$free_mib" -ge "$needed_mib" ] || fail "$disk_full" "$free_mib MiB are free below /var/app, $needed_mib are needed."

# take_variables: exports what a web process was given; fails while there is none. The running process has everything the
# application was given, secrets too, which a shell may not be shown.
take_variables() {
  local web pair
  web=$(web_processes "$name_of_host")
  web=${web%%$'\n'*}
  [ -n "$web" ] || return 1
  while IFS= read -r -d '' pair; do
    case ${pair%%=*} in
      *[!A-Za-z0-9_]* | [0-9]* | '' | UID | EUID | PPID | SHELLOPTS | BASHOPTS | BASH* | PATH | PWD | OLDPWD | SHLVL | _) ;;
      *) export "$pair" ;;
    esac
  done 2>/dev/null </proc/"$web"/environ || return 1
  # Of one that ended meanwhile only a part may have been read.
  value_of "$web" "$name_of_host" >/dev/null
}

# An update of the side may be starting its web processes anew. systemd leaves a service 90 seconds to end before it kills
# it, and starts it again after that.
# https://www.freedesktop.org/software/systemd/man/latest/systemd-system.conf.html (DefaultTimeoutStopSec)
left=90
until take_variables; do
  [ "$left" -gt 0 ] || fail "$no_web_process" "No process of the application runs here, and none was started within 90 seconds."
  sleep 2
  left=$((left - 2))
done
export "$name_of_host=$database_host" "$name_of_port=$database_port" "$name_of_database=$database_name"
export "$name_of_user=$database_user" "$name_of_password=$database_password"
# By this `commands` tells it from those that cron starts; runuser hands it on.
export UPGRADE_COMMAND=1
# What it prints shall be there when it prints it.
export PYTHONUNBUFFERED=1

cd /var/app/current
set -- /var/app/venv/*/bin/python manage.py "$@"
# Two at once would trip over each other.
exec 9>/var/app/upgrade.lock
flock -n 9 || fail "$already_running" "Another command of the tool runs on this instance."
if [ -n "$log" ]; then
  rm -f "$log.end"
  exec >"$log" 2>&1
  printf 'begun %s\n' "$database_host"
fi
umask 022
code=0
if [ -n "$shown" ]; then
  runuser -u webapp -- "$@" | { grep -a -E -e "$shown" || true; } || code=$?
else
  runuser -u webapp -- "$@" || code=$?
fi
# Its exit codes are its own: those that the tool knows would be taken for the tool's.
if [ "$code" -ge 60 ] && [ "$code" -lt 70 ]; then
  printf 'The command exited with %s.\n' "$code" >&2
  code=1
fi
[ -z "$log" ] || printf 'ended %s\n' "$code" >"$log.end"
exit "$code"
