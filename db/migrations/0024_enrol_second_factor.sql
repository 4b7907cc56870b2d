-- Why:   enrolling, giving up and resetting a second factor (see 0023), each for the user of app.ctx.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE evently_keys;

-- started, enabled (there is a confirmed one), signed_out.
CREATE FUNCTION sec.start_totp(new_secret text) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE me uuid := sec.uid();
BEGIN
  IF me IS NULL THEN RETURN 'signed_out'; END IF;
  INSERT INTO sec.totp AS t (user_id, secret) VALUES (me, new_secret)
  ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret WHERE t.confirmed_at IS NULL;
  RETURN CASE WHEN FOUND THEN 'started' ELSE 'enabled' END;
END $$;

-- Counts from now on; sessions opened without it end, but for the one that shows the code.
CREATE FUNCTION sec.confirm_totp(shown_secret text, step bigint, code_hashes bytea[]) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE me uuid := sec.uid();
BEGIN
  IF me IS NULL THEN RETURN 'signed_out'; END IF;
  UPDATE sec.totp t SET confirmed_at = now(), last_step = step
   WHERE t.user_id = me AND t.confirmed_at IS NULL AND t.secret = shown_secret;
  IF NOT FOUND THEN RETURN 'not_started'; END IF;
  INSERT INTO sec.recovery_codes (user_id, code_hash) SELECT me, h FROM unnest(code_hashes) h;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = me AND s.revoked_at IS NULL AND s.id <> (SELECT session_id FROM sec.current_actor());
  RETURN 'confirmed';
END $$;

CREATE FUNCTION sec.remove_totp() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM sec.totp t WHERE t.user_id = sec.uid();
  RETURN FOUND;
END $$;

CREATE FUNCTION sec.has_second_factor(ctx text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM sec.open_context(ctx) a JOIN sec.totp t ON t.user_id = a.user_id WHERE t.confirmed_at IS NOT NULL) $$;
GRANT EXECUTE ON FUNCTION sec.start_totp(text), sec.confirm_totp(text, bigint, bytea[]), sec.remove_totp(), sec.has_second_factor(text) TO application_auth;

-- A lost device: the operator takes the factor away, and every session with it.
CREATE FUNCTION sec.reset_totp(lookup bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE owner uuid := (SELECT u.id FROM core.users u WHERE u.email_lookup = lookup);
BEGIN
  DELETE FROM sec.totp t WHERE t.user_id = owner;
  IF NOT FOUND THEN RETURN false; END IF;
  UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = owner AND s.revoked_at IS NULL;
  RETURN true;
END $$;
GRANT EXECUTE ON FUNCTION sec.reset_totp(bytea) TO application_operator;
