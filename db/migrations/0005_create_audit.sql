-- Why:   every change of every table leaves one row a changed row, in the same transaction, with who,
--        from where, for which request, and what changed. Nobody but the trigger's owner can write it.
-- Locks: new table only. Undo: drop schema aud.
SET LOCAL ROLE application_audit;

CREATE TABLE aud.event (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid         xid8        NOT NULL DEFAULT pg_current_xact_id(),
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor       uuid,       -- NULL: nobody was signed in (registration, sign-in, operator)
  session_id  uuid,
  request_id  text,
  client_ip   inet,
  db_login    name        NOT NULL DEFAULT session_user,  -- the database login, tells a DBA's hand
  action      text        NOT NULL,                       -- core.bookings.insert
  object_id   uuid        NOT NULL,
  changes     jsonb       NOT NULL                        -- {"column": [old, new]}, changed columns only
);
CREATE INDEX event_by_object ON aud.event (object_id);
ALTER TABLE aud.event ENABLE ROW LEVEL SECURITY;
ALTER TABLE aud.event FORCE ROW LEVEL SECURITY;
CREATE POLICY event_audit_writes ON aud.event FOR INSERT TO application_audit WITH CHECK (true);
GRANT SELECT ON aud.event TO application_admin, application_operator;
CREATE POLICY event_operator_reads ON aud.event FOR SELECT TO application_operator USING (true);
CREATE POLICY event_admin_reads ON aud.event FOR SELECT TO application_admin USING ((SELECT sec.has('audit:read')));

-- {"column": [old, new]} of the columns that differ. Personal and secret columns are named, but
-- their values stay out: the trail must survive an erasure unchanged.
CREATE FUNCTION aud.difference(old_row jsonb, new_row jsonb, hidden text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog AS $$
  SELECT coalesce(jsonb_object_agg(key, CASE WHEN key = ANY (hidden) THEN '["hidden", "hidden"]'::jsonb
                                             ELSE jsonb_build_array(old_row -> key, new_row -> key) END), '{}')
    FROM jsonb_object_keys(coalesce(new_row, old_row)) key
   WHERE old_row -> key IS DISTINCT FROM new_row -> key $$;
