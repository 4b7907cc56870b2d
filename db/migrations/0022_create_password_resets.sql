-- Why:   whoever forgot the password proves the mailbox instead: 256-bit codes by mail, kept hashed, used
--        once, good for 15 min.
-- Locks: new table only. Undo: drop the table and the functions.
SET LOCAL ROLE evently_keys;

CREATE TABLE sec.password_resets (
  id          uuid        PRIMARY KEY,
  token_hash  bytea       NOT NULL,  -- SHA-256 of 32 random bytes: no salt needed
  user_id     uuid        REFERENCES core.users (id),  -- NULL: nobody's; asking costs the same for an unknown address
  created_at  timestamptz NOT NULL DEFAULT now(),
  used_at     timestamptz,
  CONSTRAINT password_resets_token_is_single UNIQUE (token_hash),
  CONSTRAINT password_resets_token_is_a_sha256 CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX password_resets_of_a_user ON sec.password_resets (user_id, created_at DESC);
CREATE INDEX password_resets_by_age ON sec.password_resets (created_at);
ALTER TABLE sec.password_resets ENABLE ROW LEVEL SECURITY;
ALTER TABLE sec.password_resets FORCE ROW LEVEL SECURITY;
CREATE POLICY password_resets_keys_all ON sec.password_resets TO evently_keys USING (true) WITH CHECK (true);
SELECT aud.watch('sec.password_resets', 'id', 'token_hash');

-- Where to send the code; no row for an unknown or disabled account, and none from the fourth within 15
-- min on: nobody can fill somebody else's mailbox.
CREATE FUNCTION sec.begin_reset(new_id uuid, lookup bytea, new_hash bytea) RETURNS TABLE (email text) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE target uuid; address text;
BEGIN
  SELECT u.id, u.email INTO target, address FROM core.users u WHERE u.email_lookup = lookup AND u.is_active
     AND (SELECT count(*) FROM sec.password_resets r WHERE r.user_id = u.id AND r.created_at > now() - interval '15 minutes') < 3;
  INSERT INTO sec.password_resets (id, token_hash, user_id) VALUES (new_id, new_hash, target);
  RETURN QUERY SELECT address WHERE target IS NOT NULL;
END $$;

CREATE FUNCTION sec.find_reset(hash bytea) RETURNS TABLE (email text, name text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.email, u.name FROM sec.password_resets r JOIN core.users u ON u.id = r.user_id
   WHERE r.token_hash = hash AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes' AND u.is_active $$;

-- False when the code counts no longer. The row's lock lets one of many at a time pass. All sessions and
-- all other codes of the person end.
CREATE FUNCTION sec.finish_reset(hash bytea, new_hash text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE owner uuid;
BEGIN
  UPDATE sec.password_resets r SET used_at = now() FROM core.users u
   WHERE r.token_hash = hash AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes' AND u.id = r.user_id AND u.is_active
  RETURNING r.user_id INTO owner;
  IF owner IS NULL THEN RETURN false; END IF;
  UPDATE sec.password_resets r SET used_at = now() WHERE r.user_id = owner AND r.used_at IS NULL;
  UPDATE sec.credentials c SET password_hash = new_hash, updated_at = now() WHERE c.user_id = owner;
  UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = owner AND s.revoked_at IS NULL;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION sec.begin_reset(uuid, bytea, bytea), sec.find_reset(bytea), sec.finish_reset(bytea, text) TO application_auth;

CREATE FUNCTION sec.drop_old_resets() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$ DELETE FROM sec.password_resets r WHERE r.created_at < now() - interval '1 day' $$;
GRANT EXECUTE ON FUNCTION sec.drop_old_resets() TO application_worker;
