-- Why:   a second factor (RFC 6238). The secret is sealed under a key kept outside; a step counts once,
--        on whatever node; recovery codes are hashed and count once. application_auth has functions only.
-- Locks: new tables; a share lock on core.users for the references. Undo: drop tables and functions.
SET LOCAL ROLE evently_keys;

CREATE TABLE sec.totp (
  user_id       uuid        PRIMARY KEY REFERENCES core.users (id) ON DELETE CASCADE,
  secret        text        NOT NULL,  -- base64url of the sealed secret
  confirmed_at  timestamptz,           -- NULL: begun, its owner has not shown a code yet
  last_step     bigint      NOT NULL DEFAULT 0,
  CONSTRAINT totp_secret_is_sealed CHECK (char_length(secret) BETWEEN 60 AND 512)
);
CREATE TABLE sec.recovery_codes (
  user_id    uuid  NOT NULL REFERENCES sec.totp (user_id) ON DELETE CASCADE,
  code_hash  bytea NOT NULL,
  PRIMARY KEY (user_id, code_hash),
  CONSTRAINT recovery_codes_are_hashed CHECK (octet_length(code_hash) = 32)
);
DO $$ DECLARE t text; BEGIN
  FOREACH t IN ARRAY ARRAY['totp', 'recovery_codes'] LOOP
    EXECUTE format('ALTER TABLE sec.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE sec.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON sec.%I TO evently_keys USING (true) WITH CHECK (true)', t || '_keys_all', t);
  END LOOP;
END $$;
SELECT aud.watch('sec.totp', 'user_id', 'secret', 'last_step');
SELECT aud.watch('sec.recovery_codes', 'user_id', 'code_hash');

CREATE FUNCTION sec.find_totp(owner uuid) RETURNS TABLE (secret text, confirmed boolean) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT t.secret, t.confirmed_at IS NOT NULL FROM sec.totp t WHERE t.user_id = owner $$;

-- Of those who bring the code of one step, one at a time; the second finds it used.
CREATE FUNCTION sec.use_totp(owner uuid, step bigint) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE sec.totp t SET last_step = step WHERE t.user_id = owner AND t.confirmed_at IS NOT NULL AND t.last_step < step;
  RETURN FOUND;
END $$;
CREATE FUNCTION sec.use_recovery_code(owner uuid, wanted bytea) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM sec.recovery_codes c WHERE c.user_id = owner AND c.code_hash = wanted;
  RETURN FOUND;
END $$;
GRANT EXECUTE ON FUNCTION sec.find_totp(uuid), sec.use_totp(uuid, bigint), sec.use_recovery_code(uuid, bytea) TO application_auth;
