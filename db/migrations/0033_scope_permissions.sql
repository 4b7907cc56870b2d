-- Why:   a key never may more than its scopes, and never more than its owner may at this moment: both
--        are asked together wherever a permission is.
-- Locks: a moment on core.events, core.event_inventory and core.bookings for their policies.
-- Undo:  put back the functions of 0004 and 0019 and the policies of 0008 and 0009, drop the rest.
SET LOCAL ROLE evently_keys;

CREATE OR REPLACE FUNCTION sec.has(wanted text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT EXISTS (SELECT FROM core.users u JOIN sec.role_permissions p USING (role) JOIN sec.sessions s ON s.user_id = u.id
                      WHERE u.id = (SELECT sec.uid()) AND p.permission = wanted AND s.id = (SELECT session_id FROM sec.current_actor())
                        AND (s.scopes IS NULL OR wanted = ANY (s.scopes))) $$;

-- The role a credential acts in. A key of an administrator that may see its own bookings only is a
-- user's: the routes choose by the role whose rows they show.
CREATE FUNCTION sec.acting_role(role text, scopes text[], wanted text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$ SELECT CASE WHEN scopes IS NULL THEN role
                  WHEN wanted LIKE '%:own' THEN CASE WHEN scopes && ARRAY[replace(wanted, ':own', ':all'), replace(wanted, ':own', ':any')] THEN role ELSE 'user' END
                  WHEN wanted IS NULL THEN CASE WHEN 'event:update' = ANY (scopes) THEN role ELSE 'user' END
                  ELSE role END $$;

-- As in 0019; `wanted` 'sign_in' is a person, no key; a key is never recent; `owner_role` is the role
-- of the person behind, whatever the key may.
DROP FUNCTION sec.admit(text, text);
CREATE FUNCTION sec.admit(ctx text, wanted text) RETURNS TABLE (role text, allowed boolean, recent boolean, owner_role text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT sec.acting_role(u.role, s.scopes, wanted),
             wanted IS NULL OR ((s.scopes IS NULL OR wanted = ANY (s.scopes)) AND EXISTS (SELECT FROM sec.role_permissions p WHERE p.role = u.role AND p.permission = wanted)),
             s.scopes IS NULL AND s.auth_time > clock_timestamp() - interval '5 minutes', u.role
        FROM sec.open_context(ctx) a
        JOIN sec.sessions s ON s.id = a.session_id AND s.user_id = a.user_id
        JOIN core.users u ON u.id = s.user_id
       WHERE s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND u.is_active
         AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at)) $$;
GRANT EXECUTE ON FUNCTION sec.admit(text, text) TO application_auth;
RESET ROLE;
SET LOCAL ROLE evently_owner;

-- Whoever may change events sees them, also with a key that may nothing else; own bookings ask for the
-- permission below the route too.
ALTER POLICY events_admin_reads ON core.events USING ((SELECT sec.has('event:read') OR sec.has('event:create') OR sec.has('event:update') OR sec.has('event:delete')));
ALTER POLICY inventory_admin_reads ON core.event_inventory USING ((SELECT sec.has('event:read') OR sec.has('event:create') OR sec.has('event:update') OR sec.has('event:delete')));
ALTER POLICY bookings_user_reads_own ON core.bookings USING (user_id = (SELECT sec.uid()) AND (SELECT sec.has('booking:read:own')));
