-- Why:   a row no path of the program reads: whoever reads it was not sent by us. PostgreSQL counts the
--        scans of a table whoever makes them, also those of rolled back transactions and of superusers;
--        the program asks for that number. Roles that reach core may scan it and are shown nothing.
-- Locks: new tables only. Undo: drop them and the functions.
SET LOCAL ROLE evently_owner;
-- No index: the planting itself must not count.
CREATE TABLE core.service_logins (
  id        uuid NOT NULL,
  email     text NOT NULL,
  password  text NOT NULL,
  purpose   text NOT NULL
);
-- What is known of it, so that it is planted once, and each scan is reported by one node.
CREATE TABLE ops.decoy_row (
  one    boolean PRIMARY KEY DEFAULT true CHECK (one),
  scans  bigint  NOT NULL DEFAULT 0
);
ALTER TABLE core.service_logins ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.service_logins FORCE ROW LEVEL SECURITY;
ALTER TABLE ops.decoy_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.decoy_row FORCE ROW LEVEL SECURITY;
-- Volatile, so that no plan leaves the scan out; counted at the reader's commit, not 10 s later.
CREATE FUNCTION core.is_service_login_shown() RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_stat_force_next_flush();
  RETURN false;
END $$;
CREATE POLICY service_logins_owner_plants ON core.service_logins FOR INSERT TO evently_owner WITH CHECK (true);
CREATE POLICY service_logins_shows_nothing ON core.service_logins FOR SELECT USING (core.is_service_login_shown());
CREATE POLICY decoy_row_owner ON ops.decoy_row TO evently_owner USING (true);
GRANT SELECT ON core.service_logins TO application_user, application_public, application_admin, application_worker, application_operator;
GRANT EXECUTE ON FUNCTION core.is_service_login_shown() TO application_user, application_public, application_admin, application_worker, application_operator;
SELECT aud.watch('core.service_logins', 'id', 'email', 'password', 'purpose');

-- Scans since somebody asked last. PostgreSQL forgets its numbers in a crash: it counts from nought again.
CREATE FUNCTION ops.take_decoy_scans() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE seen bigint; known bigint;
BEGIN
  IF (SELECT scans FROM ops.decoy_row) = pg_stat_get_numscans('core.service_logins'::regclass) THEN RETURN 0; END IF;
  SELECT scans INTO known FROM ops.decoy_row FOR UPDATE;
  IF NOT FOUND THEN RETURN 0; END IF;
  PERFORM pg_stat_clear_snapshot();  -- another node may have waited for newer ones
  seen := pg_stat_get_numscans('core.service_logins'::regclass);
  UPDATE ops.decoy_row SET scans = seen;
  RETURN CASE WHEN seen >= known THEN seen - known ELSE seen END;
END $$;
GRANT EXECUTE ON FUNCTION ops.take_decoy_scans() TO application_worker;
