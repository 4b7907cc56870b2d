-- Why:   bookings and the keys that make retries safe. Nobody but the desk's functions (0010, 0011)
--        writes either.
-- Locks: new tables only. Undo: drop both.
SET LOCAL ROLE evently_owner;

CREATE TABLE core.bookings (
  id                 uuid          PRIMARY KEY,  -- version 7: new rows land on the index's last page
  booking_reference  text          NOT NULL,
  event_id           uuid          NOT NULL REFERENCES core.events (id),
  user_id            uuid          NOT NULL REFERENCES core.users (id),
  quantity           integer       NOT NULL,
  total_amount       numeric(14,2) NOT NULL,
  currency           text          NOT NULL,
  status             text          NOT NULL DEFAULT 'confirmed',
  created_at         timestamptz   NOT NULL DEFAULT now(),
  cancelled_at       timestamptz,
  CONSTRAINT bookings_reference_is_unique        UNIQUE (booking_reference),
  CONSTRAINT bookings_take_1_to_10_seats         CHECK (quantity BETWEEN 1 AND 10),
  CONSTRAINT bookings_status_is_known            CHECK (status IN ('held', 'confirmed', 'cancelled', 'expired')),
  CONSTRAINT bookings_are_cancelled_at_some_time CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
) WITH (fillfactor = 90);
-- Per-person limits and a person's own list. New rows of a hot event meet random pages in this index and
-- in the references' one only: the other two grow at their ends, so a table of millions stays fast.
CREATE INDEX bookings_of_a_user ON core.bookings (user_id, event_id, id);
CREATE INDEX bookings_of_an_event ON core.bookings (event_id, id);

-- One row a key: what the first request under it was answered. Kept 24 h.
CREATE TABLE core.idempotency (
  user_id      uuid        NOT NULL,
  route        text        NOT NULL,
  key          text        NOT NULL,
  fingerprint  bytea       NOT NULL,  -- SHA-256 of the canonical request body
  outcome      text        NOT NULL,
  object_id    uuid,                  -- the booking (or event) made
  detail       jsonb,                 -- numbers of a refusal, or the first answer
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, route, key),
  CONSTRAINT idempotency_key_fits CHECK (char_length(key) BETWEEN 1 AND 255)
);
CREATE INDEX idempotency_by_age ON core.idempotency USING brin (created_at);

ALTER TABLE core.bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.bookings FORCE ROW LEVEL SECURITY;
ALTER TABLE core.idempotency ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.idempotency FORCE ROW LEVEL SECURITY;

GRANT SELECT ON core.bookings TO application_user, application_admin;
CREATE POLICY bookings_user_reads_own ON core.bookings FOR SELECT TO application_user USING (user_id = (SELECT sec.uid()));
CREATE POLICY bookings_admin_reads_all ON core.bookings FOR SELECT TO application_admin USING ((SELECT sec.has('booking:read:all')));
GRANT SELECT, INSERT, UPDATE (status, cancelled_at) ON core.bookings TO application_booking;
CREATE POLICY bookings_desk_all ON core.bookings TO application_booking USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON core.idempotency TO application_booking;
CREATE POLICY idempotency_desk_all ON core.idempotency TO application_booking USING (true) WITH CHECK (true);
-- Creating events keeps its keys under the administrator's own name; the sweeper drops old ones.
GRANT SELECT, INSERT ON core.idempotency TO application_admin;
CREATE POLICY idempotency_admin_own ON core.idempotency TO application_admin USING (user_id = (SELECT sec.uid())) WITH CHECK (user_id = (SELECT sec.uid()));
GRANT SELECT (created_at), DELETE ON core.idempotency TO application_worker;
CREATE POLICY idempotency_worker_reads ON core.idempotency FOR SELECT TO application_worker USING (true);
CREATE POLICY idempotency_worker_drops_old ON core.idempotency FOR DELETE TO application_worker USING (created_at < now() - interval '24 hours');
GRANT SELECT, INSERT, UPDATE, DELETE ON core.bookings, core.idempotency TO application_operator;
CREATE POLICY bookings_operator_all ON core.bookings TO application_operator USING (true) WITH CHECK (true);
CREATE POLICY idempotency_operator_all ON core.idempotency TO application_operator USING (true) WITH CHECK (true);
SELECT aud.watch('core.bookings', 'id');

-- The hot path spells its columns out: a third of what the generic trigger costs a row.
SET LOCAL ROLE application_audit;
CREATE FUNCTION aud.record_new_bookings() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
DECLARE a sec.actor := sec.current_actor();
BEGIN
  INSERT INTO aud.event (actor, session_id, request_id, client_ip, action, object_id, changes)
  SELECT coalesce(b.user_id, a.user_id), coalesce(b.session_id, a.session_id), coalesce(b.request_id, a.request_id),
         coalesce(b.client_ip, a.client_ip), 'core.bookings.insert', n.id,
         jsonb_build_object('id', jsonb_build_array(NULL, n.id), 'booking_reference', jsonb_build_array(NULL, n.booking_reference),
           'event_id', jsonb_build_array(NULL, n.event_id), 'user_id', jsonb_build_array(NULL, n.user_id),
           'quantity', jsonb_build_array(NULL, n.quantity), 'total_amount', jsonb_build_array(NULL, n.total_amount),
           'currency', jsonb_build_array(NULL, n.currency), 'status', jsonb_build_array(NULL, n.status),
           'created_at', jsonb_build_array(NULL, n.created_at))
    FROM new_rows n LEFT JOIN aud.batch_actors() b ON b.object_id = n.id;
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION aud.record_new_bookings() TO evently_owner;
SET LOCAL ROLE evently_owner;
DROP TRIGGER audit_insert ON core.bookings;
CREATE TRIGGER audit_insert AFTER INSERT ON core.bookings REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION aud.record_new_bookings();
