-- Why:   sessions, credentials, permissions and the key that signs contexts, owned by a role that
--        nobody can log in as. The request roles reach them only through functions.
-- Locks: new tables; a share lock on core.users for the references. Undo: drop schema sec.
SET LOCAL ROLE evently_owner;
GRANT REFERENCES ON core.users TO evently_keys;
SET LOCAL ROLE evently_keys;

CREATE TABLE sec.context_keys (
  kid         integer     PRIMARY KEY,
  key         bytea       NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT context_keys_are_256_bits CHECK (octet_length(key) = 32)
);
CREATE TABLE sec.credentials (
  user_id        uuid        PRIMARY KEY REFERENCES core.users (id),
  password_hash  text        NOT NULL,
  updated_at     timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE sec.sessions (
  id          uuid        PRIMARY KEY,
  user_id     uuid        NOT NULL REFERENCES core.users (id),
  created_at  timestamptz NOT NULL DEFAULT now(),
  auth_time   timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  client_ip   inet,
  user_agent  text,
  revoked_at  timestamptz,
  CONSTRAINT sessions_user_agent_fits CHECK (char_length(user_agent) <= 512)
);
CREATE INDEX sessions_of_a_user ON sec.sessions (user_id, created_at DESC);
CREATE TABLE sec.role_permissions (
  role        text NOT NULL,
  permission  text NOT NULL,
  PRIMARY KEY (role, permission)
);
INSERT INTO sec.role_permissions
SELECT role, permission
  FROM (VALUES ('user'), ('admin')) r (role),
       unnest(ARRAY['booking:create', 'booking:read:own', 'booking:cancel:own', 'event:read',
                    'waitlist:join', 'notification:read:own']) permission
UNION ALL
SELECT 'admin', permission
  FROM unnest(ARRAY['event:create', 'event:update', 'event:delete', 'booking:read:all',
                    'booking:cancel:any', 'analytics:read', 'user:manage', 'notification:send:all',
                    'security:read', 'security:manage', 'audit:read']) permission;

DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['context_keys', 'credentials', 'sessions', 'role_permissions'] LOOP
    EXECUTE format('ALTER TABLE sec.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE sec.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON sec.%I TO evently_keys USING (true) WITH CHECK (true)', t || '_keys_all', t);
  END LOOP;
END $$;
