-- Why:   administrators' sessions end after 30 min of idleness and 12 h in all, users' after 24 h; when
--        a session was last seen is kept apart from it, so that sightings rewrite no hot row; the door
--        tells whether the person proved who they are within 5 min (step-up).
-- Locks: new table; functions replaced. Undo: put back the functions of 0004, 0010, 0013; drop the table.
SET LOCAL ROLE evently_keys;

-- Not audited: a sighting is no act, and each act has an audit row of its own.
CREATE TABLE sec.session_sightings (
  session_id    uuid        PRIMARY KEY REFERENCES sec.sessions (id) ON DELETE CASCADE,
  last_seen_at  timestamptz NOT NULL
);
ALTER TABLE sec.session_sightings ENABLE ROW LEVEL SECURITY;
ALTER TABLE sec.session_sightings FORCE ROW LEVEL SECURITY;
CREATE POLICY session_sightings_keys_all ON sec.session_sightings TO evently_keys USING (true) WITH CHECK (true);

-- What an administrator's session must be beyond what everybody's must. Asked for those only: a user's
-- statement pays nothing for it.
CREATE FUNCTION sec.admin_session_lasts(session uuid, opened timestamptz) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT opened > clock_timestamp() - interval '12 hours'
         AND coalesce((SELECT g.last_seen_at FROM sec.session_sightings g WHERE g.session_id = session), opened)
             > clock_timestamp() - interval '30 minutes' $$;

CREATE OR REPLACE FUNCTION sec.uid() RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT s.user_id
        FROM sec.current_actor() a
        JOIN sec.sessions s ON s.id = a.session_id AND s.user_id = a.user_id
        JOIN core.users u ON u.id = s.user_id
       WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND u.is_active
         AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at)) $$;

-- `recent`: the password, or a second factor, was proved within the last five minutes.
DROP FUNCTION sec.admit(text, text);
CREATE FUNCTION sec.admit(ctx text, wanted text) RETURNS TABLE (role text, allowed boolean, recent boolean) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT u.role, wanted IS NULL OR EXISTS (SELECT FROM sec.role_permissions p WHERE p.role = u.role AND p.permission = wanted),
             s.auth_time > clock_timestamp() - interval '5 minutes'
        FROM sec.open_context(ctx) a
        JOIN sec.sessions s ON s.id = a.session_id AND s.user_id = a.user_id
        JOIN core.users u ON u.id = s.user_id
       WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND u.is_active
         AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at)) $$;
GRANT EXECUTE ON FUNCTION sec.admit(text, text) TO application_auth;
