-- Why:   administrators change people's roles and active flags. It counts for live sessions at once:
--        sec.uid(), sec.has() and sec.admit() read these rows. One administrator always remains.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE evently_keys;

-- Every active administrator, their rows locked in id order: two who would take each other away take
-- turns, and the second sees what the first has done. Whatever makes an administrator less calls it.
CREATE FUNCTION sec.lock_administrators() RETURNS uuid[] LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM FROM core.users u WHERE u.role = 'admin' AND u.is_active ORDER BY u.id FOR NO KEY UPDATE;
  RETURN (SELECT array_agg(u.id) FROM core.users u WHERE u.role = 'admin' AND u.is_active);
END $$;

-- NULL leaves as it is. `outcome`: changed, not_found, last_administrator, denied, signed_out.
CREATE FUNCTION sec.change_user(target uuid, new_role text, new_active boolean)
RETURNS TABLE (outcome text, id uuid, email text, name text, role text, is_active boolean, created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
#variable_conflict use_column
DECLARE administrators uuid[] := sec.lock_administrators(); person core.users;
BEGIN
  -- A revocation and this act are one after the other, never beside each other.
  PERFORM FROM sec.sessions s WHERE s.id = (SELECT session_id FROM sec.current_actor()) FOR SHARE;
  SELECT * INTO person FROM core.users u WHERE u.id = target FOR NO KEY UPDATE;
  new_role := coalesce(new_role, person.role);
  new_active := coalesce(new_active, person.is_active);
  outcome := CASE WHEN sec.uid() IS NULL THEN 'signed_out'
                  WHEN NOT sec.has('user:manage') THEN 'denied'
                  WHEN person.id IS NULL THEN 'not_found'
                  WHEN administrators = ARRAY[target] AND (new_role <> 'admin' OR NOT new_active) THEN 'last_administrator'
                  ELSE 'changed' END;
  IF outcome = 'changed' THEN
    UPDATE core.users u SET role = new_role, is_active = new_active, updated_at = now()
     WHERE u.id = target AND (u.role, u.is_active) IS DISTINCT FROM (new_role, new_active);
    -- Dead, not asleep: switching the account on again must not wake them.
    UPDATE sec.sessions s SET revoked_at = now() WHERE s.user_id = target AND s.revoked_at IS NULL AND NOT new_active;
  END IF;
  RETURN QUERY SELECT outcome, person.id, person.email, person.name, new_role, new_active, person.created_at;
END $$;
GRANT EXECUTE ON FUNCTION sec.change_user(uuid, text, boolean) TO application_admin;
