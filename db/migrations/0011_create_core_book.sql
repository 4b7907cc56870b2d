-- Why:   the verdicts themselves (see 0010).
-- Locks: none. Undo: drop the function.
SET LOCAL ROLE application_booking;

-- `again`: this call may have been made before, its answer lost. Then a booking id that exists is
-- answered as confirmed, so that a request without a key is safe to repeat, too.
CREATE FUNCTION core.book(contexts text[], events uuid[], users uuid[], quantities integer[], booking_ids uuid[], refs text[], keys text[], fingerprints bytea[], again boolean)
RETURNS TABLE (i integer, outcome text, booking_id uuid, booking_reference text, user_id uuid, total_amount numeric, currency text, created_at timestamptz,
               available integer, max_per_user integer, already integer, reason text, sale_starts_at timestamptz, event_name text, event_date timestamptz, venue text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  locked uuid[]; seats integer[]; held integer[]; scarce boolean; n integer;
  people uuid[]; targets uuid[]; sessions uuid[]; requests text[]; addresses inet[]; verdicts text[]; why text[]; event_nos integer[]; pair_nos integer[];
  had integer[]; starts timestamptz[]; prices numeric[]; currencies text[]; caps integer[]; names text[]; dates timestamptz[]; venues text[];
  first_outcomes text[]; first_objects uuid[]; first_details jsonb[]; ids uuid[] := booking_ids; left_over integer[]; totals numeric[]; times timestamptz[]; fresh boolean[];
BEGIN
  -- Always in id order: two batches, on whatever node, can wait for each other but never in a ring.
  SELECT array_agg(s.event_id), array_agg(s.available) INTO locked, seats
    FROM (SELECT s.event_id, s.available FROM core.event_inventory s WHERE s.event_id = ANY (events) ORDER BY s.event_id FOR UPDATE) s;
  -- A statement of its own, so that it sees what was committed while we waited for the locks.
  SELECT array_agg(w.user_id), array_agg(w.target), array_agg(w.session_id), array_agg(w.request_id), array_agg(w.client_ip), array_agg(w.verdict), array_agg(w.reason),
         array_agg(w.event_no), array_agg(w.pair_no), array_agg(w.already), bool_or(w.scarce), array_agg(w.sale_starts_at), array_agg(w.price), array_agg(w.currency),
         array_agg(w.max_per_user), array_agg(w.event_name), array_agg(w.event_date), array_agg(w.venue), array_agg(w.first_outcome), array_agg(w.first_object),
         array_agg(w.first_detail), array_agg(w.price * quantities[w.i]), array_agg(now())
    INTO people, targets, sessions, requests, addresses, verdicts, why, event_nos, pair_nos, had, scarce, starts, prices, currencies, caps, names, dates, venues,
         first_outcomes, first_objects, first_details, totals, times
    FROM core.booking_wishes(contexts, events, users, quantities, booking_ids, keys, fingerprints, again, locked, seats) w;

  IF scarce THEN  -- first come, first served
    FOR k IN 1 .. cardinality(verdicts) LOOP
      CONTINUE WHEN verdicts[k] IS NOT NULL;
      n := event_nos[k];
      had[k] := had[k] + coalesce(held[pair_nos[k]], 0);
      left_over[k] := seats[n];
      IF had[k] + quantities[k] > caps[k] THEN verdicts[k] := 'purchase_limit';
      ELSIF seats[n] = 0 THEN verdicts[k] := 'sold_out';
      ELSIF seats[n] < quantities[k] THEN verdicts[k] := 'insufficient_seats';
      ELSE
        seats[n] := seats[n] - quantities[k];
        held[pair_nos[k]] := coalesce(held[pair_nos[k]], 0) + quantities[k];
      END IF;
    END LOOP;
  END IF;
  SELECT array_agg(coalesce(v.verdict, 'confirmed')), array_agg(v.verdict IS NULL) INTO verdicts, fresh FROM unnest(verdicts) v (verdict);

  IF true = ANY (fresh) THEN
    UPDATE core.event_inventory s SET available = s.available - t.taken
      FROM (SELECT u.n, sum(u.quantity)::integer AS taken FROM unnest(event_nos, quantities, fresh) u (n, quantity, fresh) WHERE u.fresh GROUP BY u.n) t
     WHERE s.event_id = locked[t.n];
    PERFORM set_config('app.batch', concat_ws(E'\n', booking_ids::text, people::text, sessions::text, requests::text, addresses::text), true);
    INSERT INTO core.bookings (id, booking_reference, event_id, user_id, quantity, total_amount, currency)
    SELECT u.id, u.ref, u.event_id, u.target, u.quantity, u.total, u.currency
      FROM unnest(booking_ids, refs, events, targets, quantities, totals, currencies, fresh) u (id, ref, event_id, target, quantity, total, currency, fresh) WHERE u.fresh;
    PERFORM set_config('app.batch', '', true);
  END IF;

  -- What was answered under a key is answered again. A key taken by another node in this very moment
  -- aborts the batch (23505); the retry then finds it.
  INSERT INTO core.idempotency (user_id, route, key, fingerprint, outcome, object_id, detail)
  SELECT people[u.k], 'bookings.create', u.key, fingerprints[u.k], verdicts[u.k], CASE WHEN fresh[u.k] THEN booking_ids[u.k] END,
         CASE WHEN fresh[u.k] THEN jsonb_build_object('reference', refs[u.k], 'total', totals[u.k], 'currency', currencies[u.k], 'at', now(), 'name', names[u.k],
                                                      'date', dates[u.k], 'venue', venues[u.k])
              ELSE jsonb_build_object('available', left_over[u.k], 'already', had[u.k], 'limit', caps[u.k], 'reason', why[u.k], 'starts', starts[u.k]) END
    FROM unnest(keys) WITH ORDINALITY u (key, k)
   WHERE u.key IS NOT NULL AND verdicts[u.k] NOT IN ('denied', 'replay', 'in_flight', 'idempotency_mismatch') ORDER BY people[u.k], u.key;

  FOREACH n IN ARRAY array_positions(verdicts, 'replay') LOOP
    verdicts[n] := first_outcomes[n]; ids[n] := first_objects[n]; refs[n] := first_details[n] ->> 'reference'; totals[n] := first_details[n] ->> 'total';
    currencies[n] := first_details[n] ->> 'currency'; times[n] := first_details[n] ->> 'at'; names[n] := first_details[n] ->> 'name';
    dates[n] := first_details[n] ->> 'date'; venues[n] := first_details[n] ->> 'venue'; left_over[n] := first_details[n] ->> 'available';
    had[n] := first_details[n] ->> 'already'; caps[n] := first_details[n] ->> 'limit'; why[n] := first_details[n] ->> 'reason'; starts[n] := first_details[n] ->> 'starts';
  END LOOP;
  RETURN QUERY
  SELECT u.k::integer, u.verdict, u.id, u.ref, u.target, u.total, u.currency, u.at, u.left_over, u.cap, u.had, u.why, u.starts, u.name, u.date, u.venue
    FROM unnest(verdicts, ids, refs, targets, totals, currencies, times, left_over, caps, had, why, starts, names, dates, venues)
         WITH ORDINALITY u (verdict, id, ref, target, total, currency, at, left_over, cap, had, why, starts, name, date, venue, k);
END $$;
GRANT EXECUTE ON FUNCTION core.book(text[], uuid[], uuid[], integer[], uuid[], text[], text[], bytea[], boolean) TO application_user, application_admin;
