-- Why:   a sign-in proves its password before it opens the session, and in between the password may change or a
--        second factor come: such acts count the credentials' version up, and the session opens only under the
--        version that was proved. Rows are locked in one order: users, credentials, sessions.
-- Locks: sec.credentials for a moment (a column with a constant default). Undo: put back the functions of 0013, 0020, 0021, 0022, 0024.
SET LOCAL ROLE evently_keys;
ALTER TABLE sec.credentials ADD COLUMN version integer NOT NULL DEFAULT 1;

DROP FUNCTION sec.find_credentials(bytea);
CREATE FUNCTION sec.find_credentials(lookup bytea) RETURNS TABLE (id uuid, email text, name text, role text, is_active boolean, created_at timestamptz, password_hash text, version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.email, u.name, u.role, u.is_active, u.created_at, c.password_hash, c.version
    FROM core.users u JOIN sec.credentials c ON c.user_id = u.id WHERE u.email_lookup = lookup $$;

-- No row when the credentials are no longer those that were proved, or the account was disabled. The share lock makes
-- a change either seen here or come later, and then it ends this session with the others.
CREATE FUNCTION sec.open_proved_session(new_id uuid, owner_id uuid, address inet, agent text, proved integer) RETURNS TABLE (created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM FROM core.users u WHERE u.id = owner_id AND u.is_active FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM FROM sec.credentials c WHERE c.user_id = owner_id AND c.version = proved FOR SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  RETURN QUERY SELECT s.created_at, s.expires_at FROM sec.open_session(new_id, owner_id, address, agent) s;
END $$;
REVOKE EXECUTE ON FUNCTION sec.open_session(uuid, uuid, inet, text) FROM application_auth;
GRANT EXECUTE ON FUNCTION sec.find_credentials(bytea), sec.open_proved_session(uuid, uuid, inet, text, integer) TO application_auth;

CREATE OR REPLACE FUNCTION sec.prove_password(proved_hash text, new_hash text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE a sec.actor := sec.current_actor();
BEGIN
  PERFORM FROM sec.credentials c WHERE c.user_id = a.user_id AND c.password_hash = proved_hash FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  -- A revocation and this act are one after the other, never beside each other.
  PERFORM FROM sec.sessions s WHERE s.id = a.session_id FOR NO KEY UPDATE;
  IF sec.uid() IS DISTINCT FROM a.user_id THEN RETURN false; END IF;
  UPDATE sec.sessions s SET auth_time = now() WHERE s.id = a.session_id;
  IF new_hash IS NOT NULL THEN
    UPDATE sec.credentials c SET password_hash = new_hash, version = c.version + 1, updated_at = now() WHERE c.user_id = a.user_id;
    UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = a.user_id AND s.id <> a.session_id AND s.revoked_at IS NULL;
  END IF;
  RETURN true;
END $$;
