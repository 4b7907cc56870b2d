-- Why:   people correct their own name and address (PATCH /me).
-- Locks: none. Undo: drop the function.
SET LOCAL ROLE evently_keys;

-- changed, taken, step_up, signed_out; with the address as it was. NULL: leave it. A new address needs a proof not older
-- than five minutes, and codes that were mailed to the old one count no longer.
CREATE FUNCTION sec.change_self(new_name text, new_email text, new_lookup bytea) RETURNS TABLE (outcome text, old_email text) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE a sec.actor := sec.current_actor(); was text; proved timestamptz;
BEGIN
  SELECT u.email INTO was FROM core.users u WHERE u.id = a.user_id FOR NO KEY UPDATE;
  -- A revocation and this act are one after the other, never beside each other.
  SELECT s.auth_time INTO proved FROM sec.sessions s WHERE s.id = a.session_id FOR NO KEY UPDATE;
  IF sec.uid() IS NULL THEN RETURN QUERY SELECT 'signed_out', NULL::text; RETURN; END IF;
  IF new_email <> was THEN
    IF proved <= clock_timestamp() - interval '5 minutes' THEN RETURN QUERY SELECT 'step_up', was; RETURN; END IF;
    BEGIN
      UPDATE core.users u SET email = new_email, email_lookup = new_lookup, updated_at = now() WHERE u.id = a.user_id;
    EXCEPTION WHEN unique_violation THEN
      RETURN QUERY SELECT 'taken', was; RETURN;
    END;
    UPDATE sec.password_resets r SET used_at = now() WHERE r.user_id = a.user_id AND r.used_at IS NULL;
  END IF;
  UPDATE core.users u SET name = new_name, updated_at = now() WHERE u.id = a.user_id AND u.name <> new_name;
  RETURN QUERY SELECT 'changed', was;
END $$;
GRANT EXECUTE ON FUNCTION sec.change_self(text, text, bytea) TO application_auth;
