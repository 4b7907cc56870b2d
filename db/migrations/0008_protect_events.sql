-- Why:   who may read and change events and their seats.
-- Locks: new policies on empty tables. Undo: drop the policies.
SET LOCAL ROLE evently_owner;
ALTER TABLE core.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.events FORCE ROW LEVEL SECURITY;
ALTER TABLE core.event_inventory ENABLE ROW LEVEL SECURITY;
ALTER TABLE core.event_inventory FORCE ROW LEVEL SECURITY;

-- The public pages: everything but drafts.
GRANT SELECT ON core.events, core.event_inventory TO application_public;
CREATE POLICY events_public_reads ON core.events FOR SELECT TO application_public USING (status <> 'draft');
CREATE POLICY inventory_public_reads ON core.event_inventory FOR SELECT TO application_public USING (true);

-- Signed-in people see events beside their bookings.
GRANT SELECT ON core.events, core.event_inventory TO application_user;
CREATE POLICY events_user_reads ON core.events FOR SELECT TO application_user USING ((SELECT sec.uid()) IS NOT NULL AND status <> 'draft');
CREATE POLICY inventory_user_reads ON core.event_inventory FOR SELECT TO application_user USING ((SELECT sec.uid()) IS NOT NULL);

-- Administrators, by live permission.
GRANT SELECT, INSERT, UPDATE, DELETE ON core.events, core.event_inventory TO application_admin;
CREATE POLICY events_admin_reads ON core.events FOR SELECT TO application_admin USING ((SELECT sec.has('event:read')));
CREATE POLICY events_admin_creates ON core.events FOR INSERT TO application_admin WITH CHECK ((SELECT sec.has('event:create')));
CREATE POLICY events_admin_updates ON core.events FOR UPDATE TO application_admin USING ((SELECT sec.has('event:update') OR sec.has('event:delete'))) WITH CHECK ((SELECT sec.has('event:update') OR sec.has('event:delete')));
CREATE POLICY events_admin_deletes ON core.events FOR DELETE TO application_admin USING ((SELECT sec.has('event:delete')));
CREATE POLICY inventory_admin_reads ON core.event_inventory FOR SELECT TO application_admin USING ((SELECT sec.has('event:read')));
CREATE POLICY inventory_admin_creates ON core.event_inventory FOR INSERT TO application_admin WITH CHECK ((SELECT sec.has('event:create')));
CREATE POLICY inventory_admin_updates ON core.event_inventory FOR UPDATE TO application_admin USING ((SELECT sec.has('event:update') OR sec.has('event:delete'))) WITH CHECK ((SELECT sec.has('event:update') OR sec.has('event:delete')));
CREATE POLICY inventory_admin_deletes ON core.event_inventory FOR DELETE TO application_admin USING ((SELECT sec.has('event:delete')));

-- The booking desk reads events and moves seats.
GRANT SELECT ON core.events TO application_booking;
GRANT SELECT, UPDATE (available) ON core.event_inventory TO application_booking;
CREATE POLICY events_booking_reads ON core.events FOR SELECT TO application_booking USING (true);
CREATE POLICY inventory_booking_reads ON core.event_inventory FOR SELECT TO application_booking USING (true);
CREATE POLICY inventory_booking_takes ON core.event_inventory FOR UPDATE TO application_booking USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON core.events, core.event_inventory TO application_operator;
CREATE POLICY events_operator_all ON core.events TO application_operator USING (true) WITH CHECK (true);
CREATE POLICY inventory_operator_all ON core.event_inventory TO application_operator USING (true) WITH CHECK (true);

SELECT aud.watch('core.events', 'id', 'search_text');
-- Seats sold stand in the bookings' own audit rows; of the inventory only the capacity is news.
SET LOCAL ROLE application_audit;
CREATE FUNCTION aud.record_capacity() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE a sec.actor := sec.current_actor();
BEGIN
  INSERT INTO aud.event (actor, session_id, request_id, client_ip, action, object_id, changes)
  VALUES (a.user_id, a.session_id, a.request_id, a.client_ip, 'core.event_inventory.' || lower(TG_OP), coalesce(NEW.event_id, OLD.event_id),
          jsonb_build_object('capacity', jsonb_build_array(OLD.capacity, NEW.capacity)));
  RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION aud.record_capacity() TO evently_owner;
SET LOCAL ROLE evently_owner;
CREATE TRIGGER audit_capacity_set AFTER INSERT OR DELETE ON core.event_inventory FOR EACH ROW EXECUTE FUNCTION aud.record_capacity();
CREATE TRIGGER audit_capacity_changed AFTER UPDATE ON core.event_inventory FOR EACH ROW
  WHEN (OLD.capacity IS DISTINCT FROM NEW.capacity) EXECUTE FUNCTION aud.record_capacity();
