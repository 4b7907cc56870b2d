-- Why:   one trigger function for all tables; arguments: key column, then the hidden columns.
--        Statement level with transition tables: a batch of 256 bookings pays for one call.
-- Locks: none. Undo: drop the functions.
SET LOCAL ROLE application_audit;

-- Acts of several people in one transaction (the booking desk): app.batch maps object to actor, as five
-- parallel array literals, one a line: objects, users, sessions, request ids, addresses; made from
-- verified contexts by the only role that may write those tables, and emptied by it before any other
-- write. For every other table the one actor of app.ctx counts.
CREATE FUNCTION aud.batch_actors() RETURNS TABLE (object_id uuid, user_id uuid, session_id uuid, request_id text, client_ip inet)
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT a.* FROM (SELECT string_to_array(nullif(current_setting('app.batch', true), ''), E'\n') AS l) s,
         unnest(l[1]::uuid[], l[2]::uuid[], l[3]::uuid[], l[4]::text[], l[5]::inet[]) a $$;

CREATE FUNCTION aud.record() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE a sec.actor := sec.current_actor();
        hidden text[] := TG_ARGV[1:];
        act text := TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME || '.' || lower(TG_OP);
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO aud.event (actor, session_id, request_id, client_ip, action, object_id, changes)
    SELECT coalesce(b.user_id, a.user_id), coalesce(b.session_id, a.session_id), coalesce(b.request_id, a.request_id),
           coalesce(b.client_ip, a.client_ip), act, r.id, aud.difference('{}', r.j, hidden)
      FROM (SELECT (to_jsonb(n) ->> TG_ARGV[0])::uuid id, jsonb_strip_nulls(to_jsonb(n)) j FROM new_rows n) r
      LEFT JOIN aud.batch_actors() b ON b.object_id = r.id AND TG_TABLE_NAME = 'bookings';
  ELSIF TG_OP = 'UPDATE' THEN
    INSERT INTO aud.event (actor, session_id, request_id, client_ip, action, object_id, changes)
    SELECT coalesce(b.user_id, a.user_id), coalesce(b.session_id, a.session_id), coalesce(b.request_id, a.request_id),
           coalesce(b.client_ip, a.client_ip), act, o.id, aud.difference(o.j, n.j, hidden)
      FROM (SELECT (to_jsonb(x) ->> TG_ARGV[0])::uuid id, to_jsonb(x) j FROM old_rows x) o
      JOIN (SELECT (to_jsonb(x) ->> TG_ARGV[0])::uuid id, to_jsonb(x) j FROM new_rows x) n ON n.id = o.id AND n.j IS DISTINCT FROM o.j
      LEFT JOIN aud.batch_actors() b ON b.object_id = o.id AND TG_TABLE_NAME = 'bookings';
  ELSE
    INSERT INTO aud.event (actor, session_id, request_id, client_ip, action, object_id, changes)
    SELECT a.user_id, a.session_id, a.request_id, a.client_ip, act, (to_jsonb(x) ->> TG_ARGV[0])::uuid, aud.difference(to_jsonb(x), '{}', hidden)
      FROM old_rows x;
  END IF;
  RETURN NULL;
END $$;

-- Attaches the three triggers to a table. Run by the table's owner.
CREATE FUNCTION aud.watch(watched regclass, key_column text, VARIADIC hidden text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
DECLARE arguments text := (SELECT string_agg(quote_literal(x), ', ') FROM unnest(key_column || hidden) x);
BEGIN
  EXECUTE format('CREATE TRIGGER audit_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION aud.record(%s)', watched, arguments);
  EXECUTE format('CREATE TRIGGER audit_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION aud.record(%s)', watched, arguments);
  EXECUTE format('CREATE TRIGGER audit_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION aud.record(%s)', watched, arguments);
END $$;
GRANT EXECUTE ON FUNCTION aud.record(), aud.watch(regclass, text, text[]) TO evently_owner, evently_keys;

SET LOCAL ROLE evently_owner;
SELECT aud.watch('core.users', 'id', 'email', 'email_lookup', 'name');
SET LOCAL ROLE evently_keys;
SELECT aud.watch('sec.sessions', 'id', 'client_ip', 'user_agent');
SELECT aud.watch('sec.credentials', 'user_id', 'password_hash');
