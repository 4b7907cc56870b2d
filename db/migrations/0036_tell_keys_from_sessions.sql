-- Why:   keys are no sign-ins: they neither count among a person's ten sessions, nor are listed with them,
--        nor idle out, nor end when their owner signs out everywhere. A new password, a confirmed second
--        factor and a deactivation end them like sessions: whoever got in before may have made one.
-- Locks: none; functions are replaced. Undo: put back the functions of 0013, 0019, 0020 and 0021.
SET LOCAL ROLE evently_keys;

CREATE OR REPLACE FUNCTION sec.admin_session_lasts(session uuid, opened timestamptz) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT (opened > clock_timestamp() - interval '12 hours'
              AND coalesce((SELECT g.last_seen_at FROM sec.session_sightings g WHERE g.session_id = session), opened)
                  > clock_timestamp() - interval '30 minutes')
          OR EXISTS (SELECT FROM sec.sessions s WHERE s.id = session AND s.scopes IS NOT NULL) $$;

CREATE OR REPLACE FUNCTION sec.open_session(new_id uuid, owner_id uuid, address inet, agent text) RETURNS TABLE (created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE life interval := '24 hours';
BEGIN
  SELECT CASE WHEN u.role = 'admin' THEN '12 hours' ELSE life END INTO life FROM core.users u WHERE u.id = owner_id FOR NO KEY UPDATE;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = owner_id AND s.revoked_at IS NULL AND s.scopes IS NULL
     AND s.id IN (SELECT o.id FROM sec.sessions o WHERE o.user_id = owner_id AND o.revoked_at IS NULL AND o.scopes IS NULL ORDER BY o.created_at DESC, o.id DESC OFFSET 9);
  RETURN QUERY INSERT INTO sec.sessions AS s (id, user_id, expires_at, client_ip, user_agent)
    VALUES (new_id, owner_id, now() + life, address, left(agent, 512)) RETURNING s.created_at, s.expires_at;
END $$;
CREATE OR REPLACE FUNCTION sec.close_session(everywhere boolean) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE a sec.actor := sec.current_actor(); n integer;
BEGIN
  IF sec.uid() IS NULL THEN RETURN 0; END IF;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = a.user_id AND s.revoked_at IS NULL AND s.scopes IS NULL AND (everywhere OR s.id = a.session_id);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

CREATE OR REPLACE FUNCTION sec.own_sessions() RETURNS TABLE (id uuid, client_ip text, user_agent text, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz, is_current boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT s.id, host(s.client_ip), s.user_agent, s.created_at, coalesce(g.last_seen_at, s.created_at), s.expires_at, s.id = (SELECT session_id FROM sec.current_actor())
    FROM sec.sessions s JOIN core.users u ON u.id = s.user_id LEFT JOIN sec.session_sightings g ON g.session_id = s.id
   WHERE s.user_id = (SELECT sec.uid()) AND s.revoked_at IS NULL AND s.scopes IS NULL AND s.expires_at > clock_timestamp()
     AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at))
   ORDER BY s.created_at DESC, s.id DESC $$;

CREATE OR REPLACE FUNCTION sec.end_session(target uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.id = target AND s.user_id = sec.uid() AND s.revoked_at IS NULL AND s.scopes IS NULL AND s.expires_at > clock_timestamp();
  RETURN FOUND;
END $$;
