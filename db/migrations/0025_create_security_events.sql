-- Why:   what the program observes about its own safety: totals that outlive it and add up over nodes,
--        events by minute and network, alerts. Nodes add what they have seen since they last wrote.
--        One row a network and minute, a thousand networks a minute and node: an attack cannot fill it.
-- Locks: new tables only. Undo: drop them.
SET LOCAL ROLE evently_owner;
CREATE TABLE ops.security_counters (
  type   text   PRIMARY KEY,
  total  bigint NOT NULL CHECK (total >= 0)
);
CREATE TABLE ops.security_events (
  minute timestamptz NOT NULL,
  type   text        NOT NULL,
  key    text        NOT NULL,   -- the client's network; 'other' beyond the thousand; '' when there is none
  count  bigint      NOT NULL CHECK (count > 0),
  PRIMARY KEY (minute, type, key)
);
CREATE TABLE ops.security_alerts (
  id         uuid        PRIMARY KEY,
  kind       text        NOT NULL,
  key        text        NOT NULL,
  count      bigint      NOT NULL CHECK (count > 0),
  opened_at  timestamptz NOT NULL,
  last_at    timestamptz NOT NULL,
  closed_at  timestamptz
);
CREATE UNIQUE INDEX security_alerts_open ON ops.security_alerts (kind, key) WHERE closed_at IS NULL;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['security_counters', 'security_events', 'security_alerts'] LOOP
    EXECUTE format('ALTER TABLE ops.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE ops.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('GRANT SELECT, INSERT ON ops.%I TO application_worker', name);
    EXECUTE format('GRANT SELECT ON ops.%I TO application_admin', name);
    EXECUTE format('CREATE POLICY %I ON ops.%I FOR SELECT TO application_worker USING (true)', name || '_worker_reads', name);
    EXECUTE format('CREATE POLICY %I ON ops.%I FOR INSERT TO application_worker WITH CHECK (true)', name || '_worker_writes', name);
    EXECUTE format('CREATE POLICY %I ON ops.%I FOR UPDATE TO application_worker USING (true)', name || '_worker_adds', name);
    EXECUTE format('CREATE POLICY %I ON ops.%I FOR SELECT TO application_admin USING ((SELECT sec.has(''security:read'')))', name || '_admin_reads', name);
  END LOOP;
END $$;
GRANT UPDATE (total) ON ops.security_counters TO application_worker;
GRANT UPDATE (count), DELETE ON ops.security_events TO application_worker;
GRANT UPDATE (count, last_at, closed_at), DELETE ON ops.security_alerts TO application_worker;
CREATE POLICY security_events_worker_drops_old ON ops.security_events FOR DELETE TO application_worker USING (minute < now() - interval '30 days');
CREATE POLICY security_alerts_worker_drops_old ON ops.security_alerts FOR DELETE TO application_worker USING (closed_at < now() - interval '30 days');
