-- Why:   a signed-in person makes and revokes keys; a key does neither, whatever the route says.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE evently_keys;

-- Does the caller of app.ctx show a key?
CREATE FUNCTION sec.shows_key() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT EXISTS (SELECT FROM sec.sessions s WHERE s.id = (SELECT session_id FROM sec.current_actor()) AND s.scopes IS NOT NULL) $$;

-- `outcome`: created, signed_out, by_key, scope_not_held (`detail` is the first), too_many.
CREATE FUNCTION sec.create_api_key(new_id uuid, new_name text, new_hash bytea, wanted text[], days bigint)
RETURNS TABLE (outcome text, detail text, created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
#variable_conflict use_column
DECLARE owner_id uuid; a sec.actor := sec.current_actor();
BEGIN
  -- One at a time, so that twenty are twenty; and never beside a deactivation, a new password or a new
  -- second factor: those end all keys, and would not see this one.
  PERFORM FROM core.users u WHERE u.id = a.user_id FOR NO KEY UPDATE;
  PERFORM FROM sec.credentials c WHERE c.user_id = a.user_id FOR SHARE;
  owner_id := sec.uid();
  detail := (SELECT w FROM unnest(wanted) w WHERE NOT sec.has(w) ORDER BY w LIMIT 1);
  SELECT now(), now() + days * interval '1 day' INTO created_at, expires_at;
  outcome := CASE WHEN owner_id IS NULL THEN 'signed_out'
                  WHEN sec.shows_key() THEN 'by_key'
                  WHEN detail IS NOT NULL THEN 'scope_not_held'
                  WHEN (SELECT count(*) FROM sec.list_api_keys() l WHERE l.expires_at > now()) >= 20 THEN 'too_many'
                  ELSE 'created' END;
  IF outcome = 'created' THEN
    IF cardinality(wanted) NOT BETWEEN 1 AND 32 OR days NOT BETWEEN 1 AND 365 THEN RAISE check_violation; END IF;
    INSERT INTO sec.sessions (id, user_id, expires_at, client_ip, scopes) VALUES (new_id, owner_id, expires_at, a.client_ip, wanted);
    INSERT INTO sec.api_keys (id, user_id, name, secret_hash) VALUES (new_id, owner_id, new_name, new_hash);
  END IF;
  RETURN NEXT;
END $$;

-- False when the signed-in person has no such key.
CREATE FUNCTION sec.revoke_api_key(wanted uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.id = wanted AND s.user_id = sec.uid() AND s.scopes IS NOT NULL AND s.revoked_at IS NULL AND NOT sec.shows_key();
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION sec.create_api_key(uuid, text, bytea, text[], bigint), sec.revoke_api_key(uuid) TO application_auth;
