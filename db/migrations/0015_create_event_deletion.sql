-- Why:   deleting an event that has bookings cancels it and them and keeps the rows; otherwise it goes.
--        Needs event:delete twice: at the door and here.
-- Locks: the event's inventory row, as a booking does. Undo: drop the functions.
GRANT CREATE ON SCHEMA core TO application_booking;
SET LOCAL ROLE evently_keys;
GRANT EXECUTE ON FUNCTION sec.has(text) TO application_booking;
SET LOCAL ROLE application_booking;
-- The desk's part: cancels every live booking of an event under its lock. False: there were none ever.
CREATE FUNCTION core.cancel_bookings_of(wanted uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT sec.has('event:delete') THEN RETURN NULL; END IF;
  PERFORM set_config('app.batch', '', true);  -- the one actor of app.ctx, whatever the caller left there
  PERFORM FROM core.event_inventory s WHERE s.event_id = wanted FOR UPDATE;
  WITH gone AS (UPDATE core.bookings SET status = 'cancelled', cancelled_at = now()
                 WHERE event_id = wanted AND status IN ('held', 'confirmed') RETURNING quantity)
  UPDATE core.event_inventory s SET available = s.available + (SELECT coalesce(sum(quantity), 0) FROM gone) WHERE s.event_id = wanted;
  RETURN EXISTS (SELECT FROM core.bookings b WHERE b.event_id = wanted);
END $$;
GRANT EXECUTE ON FUNCTION core.cancel_bookings_of(uuid) TO application_admin;
RESET ROLE;
REVOKE CREATE ON SCHEMA core FROM application_booking;
SET LOCAL ROLE evently_owner;

-- 'deleted', 'cancelled', 'not_found'. Runs with the caller's rights: row-level security decides.
CREATE FUNCTION core.delete_event(wanted uuid) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE had_bookings boolean;
BEGIN
  PERFORM FROM core.events e WHERE e.id = wanted;
  IF NOT FOUND THEN RETURN 'not_found'; END IF;
  had_bookings := core.cancel_bookings_of(wanted);
  IF had_bookings IS NULL THEN RETURN 'not_found'; END IF;
  IF had_bookings THEN
    UPDATE core.events SET status = 'cancelled', version = version + 1, updated_at = now() WHERE id = wanted AND status <> 'cancelled';
    RETURN 'cancelled';
  END IF;
  DELETE FROM core.events WHERE id = wanted;
  RETURN 'deleted';
END $$;
GRANT EXECUTE ON FUNCTION core.delete_event(uuid) TO application_admin;
