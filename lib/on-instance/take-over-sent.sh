# REGION SOURCE_HOST PORT DATABASE WRITER WRITER_PARAMETER COPY_HOST TABLE KEY STATE PENDING
# What the source has in its queue still and the copy has not, is given the copy's state in the source: it was sent there.
# PENDING are the states of what is in the queue, divided by commas. Prints `taken N`.
region=$1 source=$2 port=$3 database=$4 user=$5 parameter=$6 copy=$7 table=$8 key=$9
shift 9
state=$1 pending=$2

connect "$region" "$source" "$port" "$database" "$user" "$parameter"
queued=$(
  sql -v table="$table" -v key="$key" -v state="$state" -v pending="$pending" <<'SQL'
SELECT coalesce(jsonb_agg(:"key"::text), '[]') FROM :"table"
WHERE :"state"::text = ANY (string_to_array(:'pending', ','));
SQL
)
connect "$region" "$copy" "$port" "$database" "$user" "$parameter"
sent=$(
  sql -v table="$table" -v key="$key" -v state="$state" -v pending="$pending" <<SQL
SELECT coalesce(jsonb_agg(jsonb_build_array(:"key"::text, :"state"::text)), '[]') FROM :"table"
WHERE :"key"::text IN (SELECT jsonb_array_elements_text($(literal "$queued")))
  AND NOT :"state"::text = ANY (string_to_array(:'pending', ','));
SQL
)
connect "$region" "$source" "$port" "$database" "$user" "$parameter"
sql -v table="$table" -v key="$key" -v state="$state" <<SQL
WITH taken AS (
  -- Of whatever type it is.
  UPDATE :"table" t
  SET :"state" = (jsonb_populate_record(t, jsonb_build_object(:'state', pair->>1))).:"state"
  FROM jsonb_array_elements($(literal "$sent")) AS pair WHERE t.:"key"::text = pair->>0
  RETURNING 1
)
SELECT 'taken', count(*) FROM taken;
SQL
