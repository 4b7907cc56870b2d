-- Why:   identity in the database is a credential, not a claim: app.ctx carries an HMAC, an expiry
--        and a session that must be alive. None of these functions raises on a bad context.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE evently_keys;

CREATE TYPE sec.actor AS (user_id uuid, session_id uuid, request_id text, client_ip inet);

-- 1|kid|uid|sid|request_id|exp|ip|mac -> actor; all NULL unless MAC and expiry hold.
CREATE FUNCTION sec.open_context(ctx text) RETURNS sec.actor LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE p text[]; k bytea; none sec.actor;
BEGIN
  IF ctx IS NULL OR ctx = '' OR length(ctx) > 512 THEN RETURN none; END IF;
  p := string_to_array(ctx, '|');
  IF cardinality(p) <> 8 OR p[1] <> '1' OR p[2] !~ '^[0-9]{1,6}$' OR p[6] !~ '^[0-9]{1,12}$' THEN RETURN none; END IF;
  SELECT key INTO k FROM sec.context_keys WHERE kid = p[2]::integer;
  IF k IS NULL OR p[8] IS DISTINCT FROM
     encode(ext.hmac(convert_to(left(ctx, length(ctx) - length(p[8]) - 1), 'UTF8'), k, 'sha256'), 'hex')
     OR p[6]::bigint < extract(epoch FROM clock_timestamp()) THEN RETURN none; END IF;
  -- Signed by us, so the casts below cannot fail.
  RETURN (nullif(p[3], '')::uuid, nullif(p[4], '')::uuid, p[5], nullif(p[7], '')::inet)::sec.actor;
END $$;

-- Who the current transaction acts for, whether or not the session still lives (audit).
CREATE FUNCTION sec.current_actor() RETURNS sec.actor LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT sec.open_context(current_setting('app.ctx', true)) $$;

-- The signed-in user, or NULL. Policies write (SELECT sec.uid()): once a statement, not once a row.
CREATE FUNCTION sec.uid() RETURNS uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT s.user_id
        FROM sec.current_actor() a
        JOIN sec.sessions s ON s.id = a.session_id AND s.user_id = a.user_id
        JOIN core.users u ON u.id = s.user_id
       WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND u.is_active $$;

-- Does the signed-in user's live role hold the permission?
CREATE FUNCTION sec.has(wanted text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT EXISTS (SELECT FROM core.users u JOIN sec.role_permissions p USING (role)
                      WHERE u.id = (SELECT sec.uid()) AND p.permission = wanted) $$;

-- The door: live role, and whether it holds `wanted` (NULL: any signed-in user). No row: no session.
CREATE FUNCTION sec.admit(ctx text, wanted text) RETURNS TABLE (role text, allowed boolean) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT u.role, wanted IS NULL OR EXISTS (SELECT FROM sec.role_permissions p WHERE p.role = u.role AND p.permission = wanted)
        FROM sec.open_context(ctx) a
        JOIN sec.sessions s ON s.id = a.session_id AND s.user_id = a.user_id
        JOIN core.users u ON u.id = s.user_id
       WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND u.is_active $$;

GRANT EXECUTE ON FUNCTION sec.uid(), sec.has(text) TO evently_owner, application_user, application_admin;
GRANT EXECUTE ON FUNCTION sec.current_actor() TO application_audit;
GRANT EXECUTE ON FUNCTION sec.admit(text, text) TO application_auth;

SET LOCAL ROLE evently_owner;
CREATE POLICY users_see_themselves ON core.users FOR SELECT TO application_user USING (id = (SELECT sec.uid()));
CREATE POLICY users_admin_sees_all ON core.users FOR SELECT TO application_admin USING ((SELECT sec.has('user:manage')));
