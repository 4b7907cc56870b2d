-- Why:   cancellations go through the desk as bookings do: seats go back under the same lock order.
--        Cancelling twice is answered alike, so neither a lost answer nor a retry does harm.
-- Locks: none. Undo: drop the function.
SET LOCAL ROLE application_booking;

CREATE FUNCTION core.cancel(contexts text[], wanted uuid[])
RETURNS TABLE (i integer, outcome text, booking_id uuid, booking_reference text, event_id uuid, user_id uuid, quantity integer, total_amount numeric,
               currency text, status text, created_at timestamptz, cancelled_at timestamptz, event_name text, event_date timestamptz, venue text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  may_cancel_own text[] := sec.roles_with('booking:cancel:own'); may_cancel_any text[] := sec.roles_with('booking:cancel:any');
  live boolean[]; allowed uuid[]; gone uuid[]; people uuid[]; sessions uuid[]; requests text[]; addresses inet[];
BEGIN
  PERFORM FROM core.event_inventory s
    WHERE s.event_id IN (SELECT b.event_id FROM core.bookings b WHERE b.id = ANY (wanted)) ORDER BY s.event_id FOR UPDATE;

  -- Whose booking it is was settled when it was made; whether it still stands is read under the lock.
  -- `allowed`: the booking, where the caller may cancel it. The first of several callers counts.
  WITH v AS MATERIALIZED (
    SELECT v.*, b.id, b.status FROM sec.verify_many(contexts) v
      LEFT JOIN core.bookings b ON b.id = wanted[v.i] AND ((b.user_id = v.user_id AND v.role = ANY (may_cancel_own)) OR v.role = ANY (may_cancel_any))),
  first AS (SELECT DISTINCT ON (v.id) v.* FROM v WHERE v.status IN ('held', 'confirmed') ORDER BY v.id, v.i)
  SELECT a.live, a.allowed, f.ids, f.people, f.sessions, f.requests, f.addresses INTO live, allowed, gone, people, sessions, requests, addresses
    FROM (SELECT array_agg(v.user_id IS NOT NULL ORDER BY v.i) AS live, array_agg(v.id ORDER BY v.i) AS allowed FROM v) a,
         (SELECT array_agg(f.id) AS ids, array_agg(f.user_id) AS people, array_agg(f.session_id) AS sessions, array_agg(f.request_id) AS requests,
                 array_agg(f.client_ip) AS addresses FROM first f) f;
  IF gone IS NOT NULL THEN
    PERFORM set_config('app.batch', concat_ws(E'\n', gone::text, people::text, sessions::text, requests::text, addresses::text), true);
    UPDATE core.bookings b SET status = 'cancelled', cancelled_at = now() WHERE b.id = ANY (gone);
    PERFORM set_config('app.batch', '', true);
    UPDATE core.event_inventory s SET available = s.available + f.freed
      FROM (SELECT b.event_id, sum(b.quantity)::integer AS freed FROM core.bookings b WHERE b.id = ANY (gone) GROUP BY b.event_id) f
     WHERE s.event_id = f.event_id;
  END IF;

  RETURN QUERY
  SELECT a.k::integer, CASE WHEN NOT live[a.k] THEN 'denied' WHEN b.id IS NULL THEN 'booking_not_found' ELSE 'cancelled' END,
         b.id, b.booking_reference, b.event_id, b.user_id, b.quantity, b.total_amount, b.currency, b.status, b.created_at, b.cancelled_at, e.name, e.event_date, e.venue
    FROM unnest(allowed) WITH ORDINALITY a (id, k)
    LEFT JOIN core.bookings b ON b.id = a.id
    LEFT JOIN core.events e ON e.id = b.event_id
   ORDER BY a.k;
END $$;
GRANT EXECUTE ON FUNCTION core.cancel(text[], uuid[]) TO application_user, application_admin;
RESET ROLE;
REVOKE CREATE ON SCHEMA core FROM application_booking;
