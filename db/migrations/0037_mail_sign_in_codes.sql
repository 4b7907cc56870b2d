-- Why:   codes by mail serve a second purpose: signing in to an account that strangers guess at (see 0038). How many go to
--        one account, and in what time, is the tiers' to say (reset, resend).
-- Locks: sec.password_resets for a moment (a column with a constant default). Undo: put back the functions of 0022 and 0028.
SET LOCAL ROLE evently_keys;
ALTER TABLE sec.password_resets ADD COLUMN purpose text NOT NULL DEFAULT 'reset'
  CONSTRAINT password_resets_purpose_is_known CHECK (purpose IN ('reset', 'sign_in'));

-- Where to send the code; no row for an unknown or disabled account, and none beyond `most` codes within `seconds` (NULL: any
-- number): nobody can fill somebody else's mailbox.
DROP FUNCTION sec.begin_reset(uuid, bytea, bytea);
CREATE FUNCTION sec.begin_code(new_id uuid, wanted text, lookup bytea, new_hash bytea, most integer, seconds integer) RETURNS TABLE (email text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE target uuid; address text;
BEGIN
  SELECT u.id, u.email INTO target, address FROM core.users u WHERE u.email_lookup = lookup AND u.is_active
     AND (most IS NULL OR most > (SELECT count(*) FROM sec.password_resets r
                                   WHERE r.user_id = u.id AND r.purpose = wanted AND r.created_at > now() - seconds * interval '1 second'));
  INSERT INTO sec.password_resets (id, token_hash, user_id, purpose) VALUES (new_id, new_hash, target, wanted);
  RETURN QUERY SELECT address WHERE target IS NOT NULL;
END $$;
GRANT EXECUTE ON FUNCTION sec.begin_code(uuid, text, bytea, bytea, integer, integer) TO application_auth;

CREATE OR REPLACE FUNCTION sec.find_reset(hash bytea) RETURNS TABLE (email text, name text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.email, u.name FROM sec.password_resets r JOIN core.users u ON u.id = r.user_id
   WHERE r.token_hash = hash AND r.purpose = 'reset' AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes' AND u.is_active $$;

CREATE OR REPLACE FUNCTION sec.finish_reset(hash bytea, new_hash text) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE owner uuid;
BEGIN
  UPDATE sec.password_resets r SET used_at = now() FROM core.users u
   WHERE r.token_hash = hash AND r.purpose = 'reset' AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes'
     AND u.id = r.user_id AND u.is_active
  RETURNING r.user_id INTO owner;
  IF owner IS NULL THEN RETURN false; END IF;
  UPDATE sec.password_resets r SET used_at = now() WHERE r.user_id = owner AND r.used_at IS NULL;
  UPDATE sec.credentials c SET password_hash = new_hash, version = c.version + 1, updated_at = now() WHERE c.user_id = owner;
  UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = owner AND s.revoked_at IS NULL;
  RETURN true;
END $$;
