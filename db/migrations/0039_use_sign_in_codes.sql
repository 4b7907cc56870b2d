-- Why:   the code that lets a browser in to a held account (see 0038) is used up by the statement that opens the session.
-- Locks: none. Undo: put back the function of 0027.
SET LOCAL ROLE evently_keys;

-- As in 0027; and no row when `code_hash` is given and was used meanwhile. A sign-in of a browser the account does not know
-- ends the row of its failures; one of a known browser tells nothing of strangers.
DROP FUNCTION sec.open_proved_session(uuid, uuid, inet, text, integer);
CREATE FUNCTION sec.open_proved_session(new_id uuid, owner_id uuid, address inet, agent text, proved integer, code_hash bytea, from_known boolean)
RETURNS TABLE (created_at timestamptz, expires_at timestamptz) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM FROM core.users u WHERE u.id = owner_id AND u.is_active FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  IF code_hash IS NOT NULL THEN
    UPDATE sec.password_resets r SET used_at = now() WHERE r.token_hash = code_hash AND r.purpose = 'sign_in' AND r.user_id = owner_id
       AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes';
    IF NOT FOUND THEN RETURN; END IF;
  END IF;
  PERFORM FROM sec.credentials c WHERE c.user_id = owner_id AND c.version = proved FOR SHARE;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT from_known THEN UPDATE sec.sign_in_failures f SET in_a_row = 0 WHERE f.user_id = owner_id AND f.in_a_row > 0; END IF;
  RETURN QUERY SELECT s.created_at, s.expires_at FROM sec.open_session(new_id, owner_id, address, agent) s;
END $$;
GRANT EXECUTE ON FUNCTION sec.open_proved_session(uuid, uuid, inet, text, integer, bytea, boolean) TO application_auth;
