# What the scripts of this folder share. It is sent in front of each, after `set -- 'argument' ...`.
# Runs as root in bash 3.2 or later. No secret may reach a command line, the output or a file.
set -euo pipefail
umask 077

# The exit codes that the tool knows by name; lib/upgrade/on-instance.ts has the same list.
secret_unreadable=60
password_refused=61
database_unreachable=62
database_missing=63
disk_full=64
no_web_process=65
already_running=66
connection_lost=67

# fail CODE SENTENCE
fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

# password REGION PARAMETER: the value of a secret parameter, for a variable alone.
password() {
  aws ssm get-parameter --name "$2" --with-decryption --query Parameter.Value --output text --region "$1"
}

# try_parameters REGION PARAMETER...: whether this instance's role may read each; never what it read.
try_parameters() {
  local region=$1 name said answer
  shift
  for name in "$@"; do
    if said=$(password "$region" "$name" 2>&1 >/dev/null); then
      answer=readable
    else
      case $said in
        *AccessDenied*) answer=refused ;;
        *ParameterNotFound*) answer=missing ;;
        *) answer=unknown ;;
      esac
    fi
    printf '%s %s\n' "$answer" "$name"
  done
}

# connect REGION HOST PORT DATABASE USER PARAMETER: where `sql` goes from now on.
connect() {
  database_host=$2
  database_port=$3
  database_name=$4
  database_user=$5
  database_password=$(password "$1" "$6") || fail "$secret_unreadable" "The parameter $6 cannot be read."
}

newline=$'\n'
separator=$'\037'

# sql [OPTION]...: runs the statements of its input. A row is a line, its columns divided by spaces: what stands in the data
# may not end one, so a newline there comes out as a $separator.
# Terse errors: the long form quotes rows and statements.
sql() {
  local said code=0
  said=$(mktemp)
  PGPASSWORD="$database_password" PGAPPNAME=upgrade PGCONNECT_TIMEOUT=10 psql -X -q -A -t -w -0 -F ' ' \
    -v ON_ERROR_STOP=1 -v VERBOSITY=terse \
    -h "$database_host" -p "$database_port" -U "$database_user" -d "$database_name" "$@" 2>"$said" |
    LC_ALL=C tr '\n\0' '\037\n' || code=$?
  cat "$said" >&2
  # psql exits with 2 when there is no connection, or none any more, and with 3 when a statement fails.
  if [ "$code" -eq 2 ]; then
    case $(cat "$said") in
      *'server closed the connection'* | *'connection to server was lost'* | *'terminating connection'*)
        code=$connection_lost
        ;;
      *'authentication failed'* | *'not permitted to log in'*) code=$password_refused ;;
      *'database "'*'" does not exist'*) code=$database_missing ;;
      *) code=$database_unreachable ;;
    esac
  fi
  rm -f "$said"
  return "$code"
}

# literal TEXT: as a string of SQL, whatever the server makes of a backslash.
literal() {
  local quote="'" text=${1//\\/\\\\}
  printf " E'%s'" "${text//$quote/$quote$quote}"
}

# hand_over NAME VALUE: sets upgrade.NAME in the sessions of `sql`. By the environment, since a variable of psql would stand
# in its command line. The server divides the options at spaces of all kinds.
hand_over() {
  local value=${2//\\/\\\\} space
  for space in ' ' $'\t' $'\n' $'\v' $'\f' $'\r'; do value=${value//$space/\\$space}; done
  export PGOPTIONS="-c upgrade.$1=$value"
}

# value_of PID NAME: a variable as a running process was given it; fails when it was given none of that name.
value_of() {
  local pair
  while IFS= read -r -d '' pair; do
    case $pair in
      "$2="*)
        printf '%s\n' "${pair#*=}"
        return 0
        ;;
    esac
  done 2>/dev/null </proc/"$1"/environ
  return 1
}

# words_of PID: the command line of a running process; nothing when it is gone.
words_of() {
  local word words=
  while IFS= read -r -d '' word; do words="$words$word "; done 2>/dev/null </proc/"$1"/cmdline || true
  printf '%s' "$words"
}

# commands: each running command of the application that the tool did not start, with its process id. Jobs are at rest
# when none is left: what cron starts writes by itself. A command that manage.sh runs is what the night asked for, and no
# reason to wait, to refuse a deploy or to call the side different from what is declared; its lock keeps a second one out.
commands() {
  local folder pid words name
  for folder in /proc/[0-9]*; do
    pid=${folder##*/}
    words=$(words_of "$pid")
    case $words in
      *manage.py\ *)
        # One that ended meanwhile has no variables any more, and no words either.
        if ! value_of "$pid" UPGRADE_COMMAND >/dev/null && [ -n "$(words_of "$pid")" ]; then
          read -r name _ <<<"${words#*manage.py }"
          printf '%s %s\n' "$pid" "$name"
        fi
        ;;
    esac
  done
}

# own_commands COMMAND: the process ids of that command of the application where the tool started it.
own_commands() {
  local folder
  for folder in /proc/[0-9]*; do
    case "$(words_of "${folder##*/}") " in
      *manage.py\ "$1"\ *)
        if value_of "${folder##*/}" UPGRADE_COMMAND >/dev/null; then printf '%s\n' "${folder##*/}"; fi
        ;;
    esac
  done
}

# web_processes NAME: the ids of the processes that serve, told by a variable that only the application is given.
web_processes() {
  local folder
  for folder in /proc/[0-9]*; do
    case $(words_of "${folder##*/}") in
      *manage.py*) ;;
      *) if value_of "${folder##*/}" "$1" >/dev/null; then printf '%s\n' "${folder##*/}"; fi ;;
    esac
  done
}
