# REGION PARAMETER...
# Tries to read each parameter as this instance's role; says how that went, never what it read.
region=$1
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
