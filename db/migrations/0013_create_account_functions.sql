-- Why:   sign-up and sign-in touch credentials and sessions only through these functions; the login
--        role application_auth has no table at all.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE evently_keys;

-- False when the address is taken. The server's own login makes no administrators: the operator does.
CREATE FUNCTION sec.register_user(new_id uuid, new_email text, new_lookup bytea, new_name text, new_role text, new_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF new_role <> 'user' AND session_user = 'application_auth' THEN
    RAISE insufficient_privilege USING MESSAGE = 'application_auth makes users only';
  END IF;
  INSERT INTO core.users (id, email, email_lookup, name, role) VALUES (new_id, new_email, new_lookup, new_name, new_role)
  ON CONFLICT ON CONSTRAINT users_email_is_taken_once DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  INSERT INTO sec.credentials (user_id, password_hash) VALUES (new_id, new_hash);
  RETURN true;
END $$;

CREATE FUNCTION sec.find_credentials(lookup bytea) RETURNS TABLE (id uuid, email text, name text, role text, is_active boolean, created_at timestamptz, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.email, u.name, u.role, u.is_active, u.created_at, c.password_hash
    FROM core.users u JOIN sec.credentials c ON c.user_id = u.id WHERE u.email_lookup = lookup $$;

-- Opens a session for 24 h and revokes all but the ten newest. Times are the database's.
CREATE FUNCTION sec.open_session(new_id uuid, owner_id uuid, address inet, agent text) RETURNS TABLE (created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  -- One sign-in of a person at a time, or each would count only the sessions it can see.
  PERFORM FROM core.users u WHERE u.id = owner_id FOR NO KEY UPDATE;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = owner_id AND s.revoked_at IS NULL
     AND s.id IN (SELECT o.id FROM sec.sessions o WHERE o.user_id = owner_id AND o.revoked_at IS NULL ORDER BY o.created_at DESC, o.id DESC OFFSET 9);
  RETURN QUERY INSERT INTO sec.sessions AS s (id, user_id, expires_at, client_ip, user_agent)
    VALUES (new_id, owner_id, now() + interval '24 hours', address, left(agent, 512)) RETURNING s.created_at, s.expires_at;
END $$;

-- Revokes the session of app.ctx, or all of its user's; returns how many died now.
CREATE FUNCTION sec.close_session(everywhere boolean) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE a sec.actor := sec.current_actor(); n integer;
BEGIN
  IF sec.uid() IS NULL THEN RETURN 0; END IF;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = a.user_id AND s.revoked_at IS NULL AND (everywhere OR s.id = a.session_id);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

-- Stronger parameters since the last sign-in: the hash is renewed.
CREATE FUNCTION sec.renew_hash(owner_id uuid, old_hash text, new_hash text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE sec.credentials SET password_hash = new_hash, updated_at = now() WHERE user_id = owner_id AND password_hash = old_hash;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION sec.register_user(uuid, text, bytea, text, text, text), sec.find_credentials(bytea), sec.open_session(uuid, uuid, inet, text),
  sec.close_session(boolean), sec.renew_hash(uuid, text, text) TO application_auth;
-- `evently admin create` and `bench prepare` run as the operator.
GRANT EXECUTE ON FUNCTION sec.register_user(uuid, text, bytea, text, text, text), sec.open_session(uuid, uuid, inet, text) TO application_operator;
