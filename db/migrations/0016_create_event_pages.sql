-- Why:   the one shape in which an event is shown, beside its seats; security_invoker, so the
--        caller's own policies decide which rows there are.
--        The index finds the open events among all that ever were: the snapshot asks each second.
--        CASE and not coalesce(), which under row-level security may not reach an index: PostgreSQL
--        does not hold it for leakproof.
-- Locks: core.events while it is indexed. Undo: drop the view and the index.
SET LOCAL ROLE evently_owner;
CREATE VIEW core.event_pages WITH (security_invoker = true) AS
SELECT e.id, e.name, e.description, e.venue, e.city, e.country, e.online, e.topic, e.url, e.event_date, e.ends_at, e.time_zone,
       s.capacity, s.available, e.price, e.currency, core.shown_status(e.status, e.event_date, e.ends_at) AS status,
       e.sale_starts_at, e.sale_ends_at, e.max_per_user, e.waitlist_policy, e.version, e.created_at, e.updated_at, e.search_text,
       e.status = 'active' AND CASE WHEN e.ends_at IS NULL THEN e.event_date ELSE e.ends_at END >= now() AS is_open
  FROM core.events e JOIN core.event_inventory s ON s.event_id = e.id;
GRANT SELECT ON core.event_pages TO application_public, application_user, application_admin, application_operator;
CREATE INDEX events_open ON core.events ((CASE WHEN ends_at IS NULL THEN event_date ELSE ends_at END)) WHERE status = 'active';
