# keep|compare REGION ANY_VARIABLE { VARIABLE PARAMETER }...
# Compares what a process that serves here (told by a variable that each has) was given with the secret parameters that
# are to take its place; with `keep`, makes those that are not there yet. Values stay on this instance and in Parameter
# Store: what is printed is one word for each variable, and none is ever overwritten.
act=$1
region=$2
serving=$3
shift 3

pid=$(web_processes "$serving")
pid=${pid%%$'\n'*}
[ -n "$pid" ] || fail "$no_web_process" "No process of the application runs here."

# json TEXT: as a string of JSON; fails for what a variable of an environment cannot hold.
json() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\r'/\\r}
  text=${text//$'\t'/\\t}
  case $text in *[[:cntrl:]]*) return 1 ;; esac
  printf '"%s"' "$text"
}

# put PARAMETER VALUE: a new parameter. The value goes through a pipe between builtins and the command's own input.
put() {
  local value
  value=$(json "$2") || return 1
  printf '{"Name":"%s","Type":"SecureString","Value":%s}' "$1" "$value" |
    aws ssm put-parameter --cli-input-json file:///dev/stdin --region "$region" >/dev/null
}

# told VARIABLE PARAMETER: lacking, same, other, kept, missing, unreadable or unwritable.
told() {
  local value there said
  value=$(value_of "$pid" "$1") || true
  if [ -z "$value" ]; then
    printf 'lacking'
    return 0
  fi
  said=$(mktemp)
  if there=$(password "$region" "$2" 2>"$said"); then
    if [ "$there" = "$value" ]; then printf 'same'; else printf 'other'; fi
  elif grep -q ParameterNotFound "$said"; then
    if [ "$act" != keep ]; then
      printf 'missing'
    elif put "$2" "$value" && [ "$(password "$region" "$2")" = "$value" ]; then
      printf 'kept'
    else
      printf 'unwritable'
    fi
  else
    cat "$said" >&2
    printf 'unreadable'
  fi
  rm -f "$said"
}

while [ $# -gt 0 ]; do
  printf '%s %s\n' "$(told "$1" "$2")" "$1"
  shift 2
done
