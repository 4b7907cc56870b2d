-- Why:   people. The password hash is not here but in sec.credentials, which no request role reads.
-- Locks: new table only. Undo: drop table core.users.
SET LOCAL ROLE evently_owner;

CREATE TABLE core.users (
  id            uuid        PRIMARY KEY,
  email         text        NOT NULL,
  email_lookup  bytea       NOT NULL,  -- HMAC-SHA256 of the canonical address under a key kept outside
  name          text        NOT NULL,
  role          text        NOT NULL DEFAULT 'user',
  is_active     boolean     NOT NULL DEFAULT true,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_email_is_taken_once       UNIQUE (email_lookup),
  CONSTRAINT users_email_lookup_is_a_sha256  CHECK (octet_length(email_lookup) = 32),
  CONSTRAINT users_email_fits                CHECK (char_length(email) BETWEEN 3 AND 254),
  CONSTRAINT users_name_fits                 CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT users_role_is_known             CHECK (role IN ('user', 'admin'))
);
ALTER TABLE core.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.users FORCE ROW LEVEL SECURITY;

-- evently_keys answers "who is this session, and is it alive?" and registers people.
GRANT SELECT, INSERT, UPDATE ON core.users TO evently_keys;
CREATE POLICY users_keys_all ON core.users TO evently_keys USING (true) WITH CHECK (true);
-- Operator's commands (import, verify, bench): never used by a server pool.
GRANT SELECT, INSERT, UPDATE, DELETE ON core.users TO application_operator;
CREATE POLICY users_operator_all ON core.users TO application_operator USING (true) WITH CHECK (true);
GRANT SELECT ON core.users TO application_user, application_admin;
-- Their policies follow in 0004, when sec.uid() exists.
