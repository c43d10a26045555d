# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER HARMLESS { address TABLE COLUMN | queue TABLE COLUMN VALUES }...
# Counts what could reach a person. HARMLESS and VALUES are divided by commas. Prints
#   rows TABLE.COLUMN N      how many rows have an address there
#   people TABLE.COLUMN N    of how many it is none of the harmless ones
#   waiting TABLE.COLUMN N   how many rows have one of the values
connect "$1" "$2" "$3" "$4" "$5" "$6"
harmless=$7
shift 7
while [ $# -gt 0 ]; do
  case $1 in
    address)
      sql -v table="$2" -v column="$3" -v harmless="$harmless" <<'SQL'
SELECT 'rows', :'table' || '.' || :'column', count(*) FROM :"table" WHERE :"column" LIKE '%@%';
SELECT 'people', :'table' || '.' || :'column', count(*) FROM :"table"
WHERE :"column" LIKE '%@%' AND lower(:"column") <> ALL (string_to_array(:'harmless', ','));
SQL
      shift 3
      ;;
    queue)
      sql -v table="$2" -v column="$3" -v waiting="$4" <<'SQL'
SELECT 'waiting', :'table' || '.' || :'column', count(*) FROM :"table"
WHERE :"column"::text = ANY (string_to_array(:'waiting', ','));
SQL
      shift 4
      ;;
  esac
done
