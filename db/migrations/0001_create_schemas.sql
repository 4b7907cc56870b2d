-- Why:   four rooms in the database: core (the business), sec (keys, sessions), aud (the audit
--        trail), ops (errors, migrations); extensions stay apart in ext, closed to PUBLIC.
-- Locks: none on data. Undo: drop the schemas.
CREATE SCHEMA ext;
CREATE EXTENSION IF NOT EXISTS pgcrypto SCHEMA ext;  -- hmac() checks signed contexts
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA ext;   -- substring search over event names
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ext FROM PUBLIC;
GRANT USAGE ON SCHEMA ext TO evently_keys, evently_owner, application_operator;
GRANT EXECUTE ON FUNCTION ext.hmac(bytea, bytea, text) TO evently_keys;
-- The trigram index calls its support functions as whoever searches or writes events.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ext TO evently_owner;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA core AUTHORIZATION evently_owner;
CREATE SCHEMA sec AUTHORIZATION evently_keys;
CREATE SCHEMA aud AUTHORIZATION application_audit;
CREATE SCHEMA IF NOT EXISTS ops;

GRANT USAGE ON SCHEMA core TO evently_keys, application_booking, application_audit,
  application_user, application_public, application_admin, application_worker, application_operator;
GRANT USAGE ON SCHEMA sec TO evently_owner, application_booking, application_audit,
  application_user, application_admin, application_auth, application_operator;
GRANT USAGE ON SCHEMA aud TO evently_owner, evently_keys, application_booking, application_admin,
  application_operator;
GRANT USAGE ON SCHEMA ops TO application_worker, application_admin;

-- A function is callable by whom it is granted to, and nobody else.
ALTER DEFAULT PRIVILEGES FOR ROLE evently_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE evently_keys REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE application_booking REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE application_audit REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
