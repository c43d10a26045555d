# ANY_VARIABLE TWICE SECRET
# Two variables that a probe set, whose values are no secrets. Prints
#   process VALUE|absent   what the process that serves was given as the variable TWICE
#   shell seen|unseen      whether a shell is shown SECRET, which is set from a parameter alone
serving=$1
web=$(web_processes "$serving")
web=${web%%$'\n'*}
[ -n "$web" ] || fail "$no_web_process" 'No process of the application runs here.'
value=$(value_of "$web" "$2") || value=absent
printf 'process %s\n' "$value"
if /opt/elasticbeanstalk/bin/get-config environment -k "$3" >/dev/null 2>&1; then
  printf 'shell seen\n'
else
  printf 'shell unseen\n'
fi
