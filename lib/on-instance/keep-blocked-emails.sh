# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER BLOCKED UNREGISTERED KEPT
# Moves the addresses to a table of the copy's own, by their person's number: all of them or none.
connect "$1" "$2" "$3" "$4" "$5" "$6"
sql -1 -v blocked="$7" -v unregistered="$8" -v kept="$9" <<'SQL'
LOCK TABLE :"blocked" IN EXCLUSIVE MODE;
CREATE TABLE IF NOT EXISTS :"kept" AS
SELECT u.system_number, b.email FROM :"blocked" b JOIN :"unregistered" u ON u.id = b.un_registered_user_id
WITH NO DATA;
SELECT 'found', count(*) FROM :"blocked";
SELECT 'before', count(*) FROM :"kept";
INSERT INTO :"kept" (system_number, email)
SELECT u.system_number, b.email FROM :"blocked" b JOIN :"unregistered" u ON u.id = b.un_registered_user_id
ORDER BY b.id;
DELETE FROM :"blocked" b WHERE EXISTS (SELECT FROM :"unregistered" u WHERE u.id = b.un_registered_user_id);
SELECT 'kept', count(*) FROM :"kept";
SELECT 'left', count(*) FROM :"blocked";
SELECT 'table', set_config('upgrade.blocked', :'blocked', true);
DO $$
DECLARE
  remaining bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %I', current_setting('upgrade.blocked')) INTO remaining;
  IF remaining > 0 THEN
    RAISE EXCEPTION '% addresses belong to nobody: none was moved', remaining;
  END IF;
END
$$;
SQL
