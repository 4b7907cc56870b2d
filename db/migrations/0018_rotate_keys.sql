-- Why:   keys are rotated while the servers run: a context key retires, and `evently keys status`
--        tells what still hangs on an old one.
-- Locks: a moment's ACCESS EXCLUSIVE on sec.context_keys. Undo: drop the column and the functions.
SET LOCAL ROLE evently_keys;
GRANT USAGE ON SCHEMA sec TO application_worker;
ALTER TABLE sec.context_keys ADD COLUMN retire_after timestamptz;

-- The background job's: a retired key goes within a minute. Contexts live 30 s, so none is cut off.
CREATE FUNCTION sec.drop_retired_context_keys() RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE n integer;
BEGIN
  DELETE FROM sec.context_keys WHERE retire_after < now();
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;
GRANT EXECUTE ON FUNCTION sec.drop_retired_context_keys() TO application_worker;

-- A token is signed by the key that was current when its session was made.
CREATE FUNCTION sec.count_live_sessions(made_from timestamptz, made_before timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT count(*) FROM sec.sessions s
   WHERE s.revoked_at IS NULL AND s.expires_at > now() AND s.created_at >= made_from AND s.created_at < made_before $$;

-- Stored hashes by the pepper under them: `#kid` behind the hash, the first one is not named.
CREATE FUNCTION sec.count_password_hashes() RETURNS TABLE (kid integer, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT coalesce(substring(c.password_hash FROM '#([0-9]{1,6})$')::integer, 1), count(*) FROM sec.credentials c GROUP BY 1 $$;
GRANT EXECUTE ON FUNCTION sec.count_live_sessions(timestamptz, timestamptz), sec.count_password_hashes() TO application_operator;
