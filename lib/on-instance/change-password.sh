# REGION HOST PORT DATABASE WRITER WRITER_PARAMETER NEW_PARAMETER
# Gives the login another password, and takes the right to log in from every other one. Prints `left NAME` for those that
# it may not take it from.
connect "$1" "$2" "$3" "$4" "$5" "$6"
new_password=$(password "$1" "$7") || fail "$secret_unreadable" "The parameter $7 cannot be read."
hand_over new_password "$new_password"

sql -1 <<'SQL'
DO $$
DECLARE
  other record;
  left_over jsonb := '[]';
BEGIN
  FOR other IN
    SELECT rolname AS name FROM pg_roles
    WHERE rolcanlogin AND rolname <> current_user AND rolname !~ '^(pg_|rds)' ORDER BY 1
  LOOP
    BEGIN
      EXECUTE format('ALTER ROLE %I NOLOGIN', other.name);
    EXCEPTION WHEN insufficient_privilege THEN left_over := left_over || to_jsonb('left ' || other.name);
    END;
  END LOOP;
  PERFORM set_config('upgrade.found', left_over::text, false);
  -- An error must not quote the statement, which holds the password.
  BEGIN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', current_user, current_setting('upgrade.new_password'));
  EXCEPTION WHEN OTHERS THEN
    RAISE EXCEPTION 'the password of % cannot be changed: %', current_user, SQLERRM;
  END;
END
$$;
SELECT jsonb_array_elements_text(current_setting('upgrade.found')::jsonb);
SQL
