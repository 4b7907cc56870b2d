-- Why:   the same in the booking desk's functions, which take many callers at once: a key shows itself
--        there as a role of its own, `user/c`, `admin/coa` …, which says what of booking it may.
-- Locks: none; functions are replaced. Undo: put back the functions of 0010 and 0020.
SET LOCAL ROLE evently_keys;

-- The letters of what a key may do with bookings; nothing for a person, who may what the role may.
CREATE FUNCTION sec.desk_role(role text, scopes text[]) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog
AS $$ SELECT CASE WHEN scopes IS NULL THEN role
                  ELSE role || '/' || CASE WHEN 'booking:create' = ANY (scopes) THEN 'c' ELSE '' END
                                   || CASE WHEN 'booking:cancel:own' = ANY (scopes) THEN 'o' ELSE '' END
                                   || CASE WHEN 'booking:cancel:any' = ANY (scopes) THEN 'a' ELSE '' END END $$;
CREATE OR REPLACE FUNCTION sec.roles_with(wanted text) RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE letter text := CASE wanted WHEN 'booking:create' THEN 'c' WHEN 'booking:cancel:own' THEN 'o' WHEN 'booking:cancel:any' THEN 'a' END;
BEGIN
  RETURN ARRAY(SELECT p.role || x.tail FROM sec.role_permissions p,
                      unnest(ARRAY['', '/c', '/o', '/a', '/co', '/ca', '/oa', '/coa']) x (tail)
                WHERE p.permission = wanted AND (x.tail = '' OR strpos(x.tail, letter) > 0));
END $$;
CREATE OR REPLACE FUNCTION sec.verify_many(contexts text[]) RETURNS TABLE (i integer, user_id uuid, session_id uuid, request_id text, client_ip inet, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT c.n::integer, u.id, s.id, CASE WHEN u.id IS NOT NULL THEN c.p[5] END, CASE WHEN u.id IS NOT NULL THEN nullif(c.p[7], '')::inet END,
         CASE WHEN s.scopes IS NULL THEN u.role ELSE sec.desk_role(u.role, s.scopes) END
    FROM (SELECT x.n, x.p, CASE WHEN x.p[8] = encode(ext.hmac(convert_to(left(x.t, length(x.t) - length(x.p[8]) - 1), 'UTF8'), k.key, 'sha256'), 'hex')
                                THEN x.p[6]::bigint >= extract(epoch FROM clock_timestamp()) END AS holds
            FROM (SELECT t.n, t.t, CASE WHEN length(t.t) <= 512 THEN string_to_array(t.t, '|') END AS p
                    FROM unnest(contexts) WITH ORDINALITY t (t, n) OFFSET 0) x
            LEFT JOIN sec.context_keys k
              ON k.kid = CASE WHEN cardinality(x.p) = 8 AND x.p[1] = '1' AND x.p[2] ~ '^[0-9]{1,6}$' AND x.p[6] ~ '^[0-9]{1,12}$' THEN x.p[2]::integer END
          OFFSET 0) c
    LEFT JOIN LATERAL (SELECT l.id, l.user_id, l.created_at, l.revoked_at, l.expires_at, l.scopes FROM sec.sessions l
                        WHERE l.id = CASE WHEN c.holds THEN nullif(c.p[4], '')::uuid END OFFSET 0) s
      ON s.user_id = CASE WHEN c.holds THEN nullif(c.p[3], '')::uuid END AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
    LEFT JOIN LATERAL (SELECT p.id, p.role, p.is_active FROM core.users p WHERE p.id = s.user_id OFFSET 0) u
      ON u.is_active AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at));
END $$;
