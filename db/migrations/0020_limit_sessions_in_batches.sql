-- Why:   what 0019 demands of a session, for the booking desk's batches, and for the session's own end.
-- Locks: none. Undo: put back the functions of 0010 and 0013.
SET LOCAL ROLE evently_keys;
-- Contexts of a batch -> live people, one row an index, in order; user_id NULL unless everything holds.
-- sec.open_context for many: CASE keeps every cast behind the check that makes it safe.
CREATE OR REPLACE FUNCTION sec.verify_many(contexts text[]) RETURNS TABLE (i integer, user_id uuid, session_id uuid, request_id text, client_ip inet, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT c.n::integer, u.id, s.id, CASE WHEN u.id IS NOT NULL THEN c.p[5] END, CASE WHEN u.id IS NOT NULL THEN nullif(c.p[7], '')::inet END, u.role
    FROM (SELECT x.n, x.p, CASE WHEN x.p[8] = encode(ext.hmac(convert_to(left(x.t, length(x.t) - length(x.p[8]) - 1), 'UTF8'), k.key, 'sha256'), 'hex')
                                THEN x.p[6]::bigint >= extract(epoch FROM clock_timestamp()) END AS holds
            FROM (SELECT t.n, t.t, CASE WHEN length(t.t) <= 512 THEN string_to_array(t.t, '|') END AS p
                    FROM unnest(contexts) WITH ORDINALITY t (t, n) OFFSET 0) x
            LEFT JOIN sec.context_keys k
              ON k.kid = CASE WHEN cardinality(x.p) = 8 AND x.p[1] = '1' AND x.p[2] ~ '^[0-9]{1,6}$' AND x.p[6] ~ '^[0-9]{1,12}$' THEN x.p[2]::integer END
          OFFSET 0) c
    LEFT JOIN LATERAL (SELECT l.id, l.user_id, l.created_at, l.revoked_at, l.expires_at FROM sec.sessions l
                        WHERE l.id = CASE WHEN c.holds THEN nullif(c.p[4], '')::uuid END OFFSET 0) s
      ON s.user_id = CASE WHEN c.holds THEN nullif(c.p[3], '')::uuid END AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
    LEFT JOIN LATERAL (SELECT p.id, p.role, p.is_active FROM core.users p WHERE p.id = s.user_id OFFSET 0) u
      ON u.is_active AND (u.role <> 'admin' OR sec.admin_session_lasts(s.id, s.created_at));
END $$;

-- Opens a session for 24 h, an administrator's for 12 h, and revokes all but the ten newest. Times are the database's.
CREATE OR REPLACE FUNCTION sec.open_session(new_id uuid, owner_id uuid, address inet, agent text) RETURNS TABLE (created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE life interval := '24 hours';
BEGIN
  -- One sign-in of a person at a time, or each would count only the sessions it can see.
  SELECT CASE WHEN u.role = 'admin' THEN '12 hours' ELSE life END INTO life FROM core.users u WHERE u.id = owner_id FOR NO KEY UPDATE;
  UPDATE sec.sessions s SET revoked_at = now()
   WHERE s.user_id = owner_id AND s.revoked_at IS NULL
     AND s.id IN (SELECT o.id FROM sec.sessions o WHERE o.user_id = owner_id AND o.revoked_at IS NULL ORDER BY o.created_at DESC, o.id DESC OFFSET 9);
  RETURN QUERY INSERT INTO sec.sessions AS s (id, user_id, expires_at, client_ip, user_agent)
    VALUES (new_id, owner_id, now() + life, address, left(agent, 512)) RETURNING s.created_at, s.expires_at;
END $$;
