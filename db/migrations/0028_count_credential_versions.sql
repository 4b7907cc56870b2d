-- Why:   a new password by mailed code and a confirmed second factor end the sign-ins that began before (see 0027).
-- Locks: none. Undo: put back the functions of 0022 and 0024.
SET LOCAL ROLE evently_keys;

CREATE OR REPLACE FUNCTION sec.finish_reset(hash bytea, new_hash text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE owner uuid;
BEGIN
  UPDATE sec.password_resets r SET used_at = now() FROM core.users u
   WHERE r.token_hash = hash AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes' AND u.id = r.user_id AND u.is_active
  RETURNING r.user_id INTO owner;
  IF owner IS NULL THEN RETURN false; END IF;
  UPDATE sec.password_resets r SET used_at = now() WHERE r.user_id = owner AND r.used_at IS NULL;
  UPDATE sec.credentials c SET password_hash = new_hash, version = c.version + 1, updated_at = now() WHERE c.user_id = owner;
  UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = owner AND s.revoked_at IS NULL;
  RETURN true;
END $$;

-- Counts from now on; sessions opened without it end, but for the one that shows the code.
CREATE OR REPLACE FUNCTION sec.confirm_totp(shown_secret text, step bigint, code_hashes bytea[]) RETURNS text LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE me uuid := sec.uid();
BEGIN
  IF me IS NULL THEN RETURN 'signed_out'; END IF;
  UPDATE sec.totp t SET confirmed_at = now(), last_step = step
   WHERE t.user_id = me AND t.confirmed_at IS NULL AND t.secret = shown_secret;
  IF NOT FOUND THEN RETURN 'not_started'; END IF;
  INSERT INTO sec.recovery_codes (user_id, code_hash) SELECT me, h FROM unnest(code_hashes) h;
  UPDATE sec.credentials c SET version = c.version + 1 WHERE c.user_id = me;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = me AND s.revoked_at IS NULL AND s.id <> (SELECT session_id FROM sec.current_actor());
  RETURN 'confirmed';
END $$;
