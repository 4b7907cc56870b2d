-- Why:   an alert says who: the network that did last what it tells of. Null when nobody's address is known (a scan of the
--        decoy's table). It goes with its alert, 30 days after that has closed.
-- Locks: a nullable column: a moment's. Undo: drop it.
SET LOCAL ROLE evently_owner;
ALTER TABLE ops.security_alerts ADD COLUMN last_network text;
GRANT UPDATE (last_network) ON ops.security_alerts TO application_worker;
