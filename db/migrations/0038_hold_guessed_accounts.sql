-- Why:   an account at which strangers guess is held: browsers it does not know then give a code from its mailbox beside the
--        password. Soft: so many failures within a time (tier login-account); hard: a hundred in a row.
-- Locks: new table; functions replaced. Undo: drop them; put back the functions of 0027.
SET LOCAL ROLE evently_keys;

-- Not audited: a failure is no act, and each is a security event. Rows only for accounts there are.
CREATE TABLE sec.sign_in_failures (
  user_id   uuid          PRIMARY KEY REFERENCES core.users (id) ON DELETE CASCADE,
  in_a_row  integer       NOT NULL,  -- since such a browser signed in, or the password was changed
  recent    timestamptz[] NOT NULL,  -- the last ones
  CONSTRAINT sign_in_failures_are_few CHECK (cardinality(recent) <= 64)
);
ALTER TABLE sec.sign_in_failures ENABLE ROW LEVEL SECURITY;
ALTER TABLE sec.sign_in_failures FORCE ROW LEVEL SECURITY;
CREATE POLICY sign_in_failures_keys_all ON sec.sign_in_failures TO evently_keys USING (true) WITH CHECK (true);

CREATE FUNCTION sec.note_sign_in_failure(lookup bytea) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO sec.sign_in_failures AS f (user_id, in_a_row, recent) SELECT u.id, 1, ARRAY[now()] FROM core.users u WHERE u.email_lookup = lookup
  ON CONFLICT (user_id) DO UPDATE SET in_a_row = f.in_a_row + 1, recent = (f.recent || now())[greatest(1, cardinality(f.recent) - 62):] $$;

-- What strangers guessed at is gone with a new password.
CREATE FUNCTION sec.forget_failures() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM sec.sign_in_failures f WHERE f.user_id = NEW.user_id;
  RETURN NULL;
END $$;
CREATE TRIGGER credentials_forget_failures AFTER UPDATE OF version ON sec.credentials
  FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION sec.forget_failures();

-- `most` NULL: nobody is held.
DROP FUNCTION sec.find_credentials(bytea);
CREATE FUNCTION sec.find_credentials(lookup bytea, code_hash bytea, most integer, seconds integer)
RETURNS TABLE (id uuid, email text, name text, role text, is_active boolean, created_at timestamptz, password_hash text, version integer, held boolean, code_holds boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT u.id, u.email, u.name, u.role, u.is_active, u.created_at, c.password_hash, c.version,
         most IS NOT NULL AND (coalesce(f.in_a_row >= 100, false)
           OR coalesce(f.recent[cardinality(f.recent) - most + 1] > now() - seconds * interval '1 second', false)),
         EXISTS (SELECT FROM sec.password_resets r WHERE r.token_hash = code_hash AND r.purpose = 'sign_in' AND r.user_id = u.id
                    AND r.used_at IS NULL AND r.created_at > now() - interval '15 minutes')
    FROM core.users u JOIN sec.credentials c ON c.user_id = u.id LEFT JOIN sec.sign_in_failures f ON f.user_id = u.id
   WHERE u.email_lookup = lookup $$;
GRANT EXECUTE ON FUNCTION sec.note_sign_in_failure(bytea), sec.find_credentials(bytea, bytea, integer, integer) TO application_auth;
