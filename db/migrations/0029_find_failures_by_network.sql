-- Why:   failed sign-ins of a network add up over nodes and restarts: each node asks for the sum of the
--        networks it has just written. Only those rows are in the index, so other events pay nothing.
-- Locks: ops.security_events against writes while it is made; at most 30 days of rows. Undo: drop it.
SET LOCAL ROLE evently_owner;
CREATE INDEX security_events_failures ON ops.security_events (key, minute) WHERE type = 'sign_in_failed';
