-- Why:   every 5xx has a row under its errorId; written by the worker in bounded batches.
-- Locks: new table only. Undo: drop it.
GRANT CREATE, USAGE ON SCHEMA ops TO evently_owner;
SET LOCAL ROLE evently_owner;
CREATE TABLE ops.error_log (
  error_id     uuid        PRIMARY KEY,
  at           timestamptz NOT NULL,
  fingerprint  text        NOT NULL,
  status       integer     NOT NULL,
  method       text        NOT NULL,
  route        text        NOT NULL,   -- the pattern, never the path a person typed
  request_id   text        NOT NULL,
  user_id      uuid,
  message      text        NOT NULL,
  suppressed   integer     NOT NULL DEFAULT 0  -- like errors not written since the last row
);
CREATE INDEX error_log_by_age ON ops.error_log (at);
ALTER TABLE ops.error_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.error_log FORCE ROW LEVEL SECURITY;
GRANT INSERT, DELETE, SELECT (at) ON ops.error_log TO application_worker;
CREATE POLICY error_log_worker_writes ON ops.error_log FOR INSERT TO application_worker WITH CHECK (true);
CREATE POLICY error_log_worker_ages ON ops.error_log FOR SELECT TO application_worker USING (true);
CREATE POLICY error_log_worker_drops_old ON ops.error_log FOR DELETE TO application_worker USING (at < now() - interval '30 days');
GRANT SELECT ON ops.error_log TO application_admin;
CREATE POLICY error_log_admin_reads ON ops.error_log FOR SELECT TO application_admin USING ((SELECT sec.has('security:read')));
