-- Why:   people see and end their sessions, change their password and prove it again (step-up); the
--        background job writes when sessions were last seen, many at a time.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE evently_keys;

-- Of the signed-in person, live ones only, newest first.
CREATE FUNCTION sec.own_sessions() RETURNS TABLE (id uuid, client_ip text, user_agent text, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, is_current boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT s.id, host(s.client_ip), s.user_agent, s.created_at, coalesce(g.last_seen_at, s.created_at), s.expires_at, s.id = (SELECT session_id FROM sec.current_actor())
    FROM sec.sessions s JOIN core.users u ON u.id = s.user_id LEFT JOIN sec.session_sightings g ON g.session_id = s.id
   WHERE s.user_id = (SELECT sec.uid()) AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
     AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at))
   ORDER BY s.created_at DESC, s.id DESC $$;

-- False when it is not a live one of the signed-in person.
CREATE FUNCTION sec.end_session(target uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.id = target AND s.user_id = sec.uid() AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp();
  RETURN FOUND;
END $$;

CREATE FUNCTION sec.own_credentials() RETURNS TABLE (email text, name text, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.email, u.name, c.password_hash FROM core.users u JOIN sec.credentials c ON c.user_id = u.id WHERE u.id = (SELECT sec.uid()) $$;

-- The caller has verified the password against `proved_hash`; false when that is no longer the hash, or
-- the session is over. `new_hash` NULL: the proof alone. All other sessions end with the old password.
CREATE FUNCTION sec.prove_password(proved_hash text, new_hash text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE me uuid; current_session uuid := (SELECT session_id FROM sec.current_actor());
BEGIN
  -- A revocation and this act are one after the other, never beside each other.
  PERFORM FROM sec.sessions s WHERE s.id = current_session FOR NO KEY UPDATE;
  me := sec.uid();
  PERFORM FROM sec.credentials c WHERE c.user_id = me AND c.password_hash = proved_hash FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE sec.sessions s SET auth_time = now() WHERE s.id = current_session;
  IF new_hash IS NOT NULL THEN
    UPDATE sec.credentials c SET password_hash = new_hash, updated_at = now() WHERE c.user_id = me;
    UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = me AND s.id <> current_session AND s.revoked_at IS NULL;
  END IF;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION sec.own_sessions(), sec.end_session(uuid), sec.own_credentials(), sec.prove_password(text, text) TO application_auth;

-- Only what still lives is seen: a token alone wakes no session that has idled out.
CREATE FUNCTION sec.note_sightings(seen uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO sec.session_sightings AS g (session_id, last_seen_at)
  SELECT s.id, now() FROM sec.sessions s JOIN core.users u ON u.id = s.user_id
   WHERE s.id = ANY (seen) AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
     AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at)) ORDER BY s.id
  ON CONFLICT (session_id) DO UPDATE SET last_seen_at = excluded.last_seen_at $$;
-- No session lives longer than a day.
CREATE FUNCTION sec.drop_old_sightings() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$ DELETE FROM sec.session_sightings g WHERE g.last_seen_at < now() - interval '24 hours' $$;
GRANT USAGE ON SCHEMA sec TO application_worker;
GRANT EXECUTE ON FUNCTION sec.note_sightings(uuid[]), sec.drop_old_sightings() TO application_worker;
