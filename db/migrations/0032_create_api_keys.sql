-- Why:   keys for programs. A key is a session row that lives longer and may less: revocation and expiry
--        are enforced wherever a session's are, its scopes wherever permissions are (see the next
--        migration). Of the secret, 256 random bits, only the SHA-256 is kept.
-- Locks: a moment on sec.sessions for the column (no rewrite). Undo: drop the functions, tables, column.
SET LOCAL ROLE evently_keys;

ALTER TABLE sec.sessions ADD COLUMN scopes text[];  -- NULL: a person signed in; else all that a key may do

CREATE TABLE sec.api_keys (
  id           uuid        PRIMARY KEY REFERENCES sec.sessions (id) ON DELETE CASCADE,
  user_id      uuid        NOT NULL REFERENCES core.users (id),
  name         text        NOT NULL,
  secret_hash  bytea       NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT api_keys_name_fits           CHECK (char_length(name) BETWEEN 1 AND 100),
  CONSTRAINT api_keys_secret_is_a_sha256  CHECK (octet_length(secret_hash) = 32)
);
CREATE INDEX api_keys_of_a_user ON sec.api_keys (user_id, id DESC);
-- Counts, added up by the server and written every ten seconds; not audited: they are no acts.
CREATE TABLE sec.api_key_use (
  key_id        uuid        PRIMARY KEY REFERENCES sec.api_keys (id) ON DELETE CASCADE,
  calls         bigint      NOT NULL,
  last_used_at  timestamptz NOT NULL
);
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['api_keys', 'api_key_use'] LOOP
    EXECUTE format('ALTER TABLE sec.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE sec.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON sec.%I TO evently_keys USING (true) WITH CHECK (true)', t || '_keys_all', t);
  END LOOP;
END $$;
SELECT aud.watch('sec.api_keys', 'id', 'name', 'secret_hash');

-- What the door looks up; the hash is compared there, in constant time.
CREATE FUNCTION sec.find_api_key(wanted uuid) RETURNS TABLE (user_id uuid, secret_hash bytea) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog
AS $$ SELECT k.user_id, k.secret_hash FROM sec.api_keys k WHERE k.id = wanted $$;

-- The caller's keys that are not revoked.
CREATE FUNCTION sec.list_api_keys() RETURNS TABLE (id uuid, name text, scopes text[], created_at timestamptz, expires_at timestamptz, last_used_at timestamptz, calls bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT k.id, k.name, s.scopes, k.created_at, s.expires_at, u.last_used_at, coalesce(u.calls, 0)
    FROM sec.api_keys k JOIN sec.sessions s ON s.id = k.id LEFT JOIN sec.api_key_use u ON u.key_id = k.id
   WHERE k.user_id = (SELECT sec.uid()) AND s.revoked_at IS NULL ORDER BY k.id DESC $$;

CREATE FUNCTION sec.note_api_key_use(ids uuid[], counts bigint[], times timestamptz[]) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO sec.api_key_use AS a (key_id, calls, last_used_at)
  SELECT n.id, n.calls, n.at FROM unnest(ids, counts, times) n (id, calls, at)
    JOIN sec.api_keys k ON k.id = n.id JOIN sec.sessions s ON s.id = n.id
   WHERE n.at < coalesce(s.revoked_at, 'infinity') ORDER BY n.id  -- what a revoked key tries is no use
      ON CONFLICT (key_id) DO UPDATE SET calls = a.calls + excluded.calls, last_used_at = greatest(a.last_used_at, excluded.last_used_at) $$;
GRANT EXECUTE ON FUNCTION sec.find_api_key(uuid), sec.list_api_keys() TO application_auth;
GRANT EXECUTE ON FUNCTION sec.note_api_key_use(uuid[], bigint[], timestamptz[]) TO application_worker;

-- As in 0018: keys hang on no token.
CREATE OR REPLACE FUNCTION sec.count_live_sessions(made_from timestamptz, made_before timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT count(*) FROM sec.sessions s
   WHERE s.revoked_at IS NULL AND s.scopes IS NULL AND s.expires_at > now() AND s.created_at >= made_from AND s.created_at < made_before $$;
