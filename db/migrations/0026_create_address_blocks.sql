-- Why:   networks that are kept out for a time, by the detector or an administrator. Nodes look at the
--        generation, which is written under a lock in the same transaction: no change is overlooked.
-- Locks: new tables only. Undo: drop them and the function.
SET LOCAL ROLE evently_owner;
CREATE TABLE ops.address_blocks (
  id          uuid        PRIMARY KEY,
  range       cidr        NOT NULL,
  scope       text        NOT NULL CHECK (scope IN ('auth', 'all')),
  reason      text        NOT NULL,
  source      text        NOT NULL CHECK (source IN ('detector', 'administrator')),
  created_by  uuid,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL,
  lifted_at   timestamptz,
  CHECK ((created_by IS NULL) = (source = 'detector'))
);
CREATE INDEX address_blocks_live ON ops.address_blocks (expires_at) WHERE lifted_at IS NULL;
CREATE TABLE ops.block_generation (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  generation  bigint  NOT NULL
);
INSERT INTO ops.block_generation (generation) VALUES (1);
ALTER TABLE ops.address_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.address_blocks FORCE ROW LEVEL SECURITY;
ALTER TABLE ops.block_generation ENABLE ROW LEVEL SECURITY;
ALTER TABLE ops.block_generation FORCE ROW LEVEL SECURITY;
CREATE POLICY block_generation_owner ON ops.block_generation TO evently_owner USING (true);

CREATE FUNCTION ops.count_block_change() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  UPDATE ops.block_generation SET generation = generation + 1;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION ops.count_block_change() FROM PUBLIC;
CREATE TRIGGER block_change AFTER INSERT OR UPDATE ON ops.address_blocks FOR EACH STATEMENT EXECUTE FUNCTION ops.count_block_change();

GRANT SELECT ON ops.block_generation TO application_worker;
CREATE POLICY block_generation_worker_reads ON ops.block_generation FOR SELECT TO application_worker USING (true);
GRANT SELECT, INSERT, DELETE ON ops.address_blocks TO application_worker;
CREATE POLICY address_blocks_worker_reads ON ops.address_blocks FOR SELECT TO application_worker USING (true);
CREATE POLICY address_blocks_worker_adds ON ops.address_blocks FOR INSERT TO application_worker WITH CHECK (source = 'detector');
CREATE POLICY address_blocks_worker_drops_old ON ops.address_blocks FOR DELETE TO application_worker USING (expires_at < now() - interval '30 days');
GRANT SELECT, INSERT, UPDATE (lifted_at) ON ops.address_blocks TO application_admin;
CREATE POLICY address_blocks_admin_reads ON ops.address_blocks FOR SELECT TO application_admin
  USING ((SELECT sec.has('security:read')) OR (SELECT sec.has('security:manage')));
CREATE POLICY address_blocks_admin_adds ON ops.address_blocks FOR INSERT TO application_admin
  WITH CHECK ((SELECT sec.has('security:manage')) AND source = 'administrator' AND created_by = (SELECT sec.uid()));
CREATE POLICY address_blocks_admin_lifts ON ops.address_blocks FOR UPDATE TO application_admin USING ((SELECT sec.has('security:manage')));
SELECT aud.watch('ops.address_blocks', 'id', 'range');
