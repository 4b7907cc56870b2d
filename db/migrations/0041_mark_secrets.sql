-- Why:   the database knows whose secrets its logins and keys come from. A start with another data
--        directory would give the roles new passwords and take the running servers down.
-- Locks: new table only. Undo: drop it.
CREATE TABLE ops.secrets_mark (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  mark  text    NOT NULL  -- HMAC under lookup.key, which never rotates
);
ALTER TABLE ops.secrets_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.secrets_mark FORCE ROW LEVEL SECURITY;
-- As ops.schema_migrations: only who migrates reads or writes it.
CREATE POLICY secrets_mark_owner_all ON ops.secrets_mark TO CURRENT_USER USING (true) WITH CHECK (true);
