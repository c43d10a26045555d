# REGION SOURCE_HOST PORT DATABASE WRITER WRITER_PARAMETER COPY_HOST PEOPLE KEY NUMBER, then for each table
# TABLE NEWER AT WHO NUMBER AMOUNT WHAT, where NEWER are columns divided by commas and `-` stands for none.
# Prints each row of the copy that is beyond the greatest value its source has in one of those columns: `row` and JSON.
region=$1 source=$2 port=$3 database=$4 user=$5 parameter=$6 copy=$7 people=$8 key=$9
shift 9
people_number=$1
shift

identifier() { printf '"%s"' "${1//\"/\"\"}"; }

columns_of() { printf '%s\n' "${1//,/ }"; }

# greatest TABLE NEWER ...: a statement for each column, in their order.
greatest() {
  while [ $# -gt 0 ]; do
    for column in $(columns_of "$2"); do
      printf "SELECT 'greatest', max(%s)::text FROM %s;\n" "$(identifier "$column")" "$(identifier "$1")"
    done
    shift 7
  done
}

# beyond NEWER: the condition, by the next of the greatest values.
beyond() {
  local condition=false column
  for column in $(columns_of "$1"); do
    if [ -z "${values[$next]}" ]; then
      condition="$condition OR t.$(identifier "$column") IS NOT NULL"
    else
      condition="$condition OR t.$(identifier "$column") > $(literal "${values[$next]}")"
    fi
    next=$((next + 1))
  done
  printf -v where '%s' "$condition"
}

connect "$region" "$source" "$port" "$database" "$user" "$parameter"
said=$(greatest "$@" | sql)
values=()
while IFS= read -r line; do
  line=${line#greatest}
  line=${line# }
  values+=("${line//$separator/$newline}")
done <<<"$said"

connect "$region" "$copy" "$port" "$database" "$user" "$parameter"
next=0
statements=$(
  printf "SET TimeZone = 'UTC';\n"
  while [ $# -gt 0 ]; do
    beyond "$2"
    cat <<SQL
SELECT 'row', json_build_object('table', $(literal "$1"), 'key', coalesce(to_jsonb(t)->>'id', ''),
  'at', to_jsonb(t)->>$(literal "$3"), 'amount', to_jsonb(t)->>$(literal "$6"), 'what', to_jsonb(t)->>$(literal "$7"),
  'number', coalesce(to_jsonb(t)->>$(literal "$5"), (SELECT p.$(identifier "$people_number")::text
    FROM $(identifier "$people") p WHERE p.$(identifier "$key") = (to_jsonb(t)->>$(literal "$4"))::bigint)))::text
FROM $(identifier "$1") t WHERE $where ORDER BY 2;
SQL
    shift 7
  done
)
printf '%s\n' "$statements" | sql
