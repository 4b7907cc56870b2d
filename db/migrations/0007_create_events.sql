-- Why:   events, and their seats in a narrow table of its own: the row every booking updates stays
--        small and HOT (fillfactor 50, no index on available).
-- Locks: new tables only. Undo: drop both.
SET LOCAL ROLE evently_owner;

CREATE TABLE core.events (
  id               uuid          PRIMARY KEY,
  name             text          NOT NULL,
  description      text          NOT NULL DEFAULT '',
  venue            text          NOT NULL,
  city             text,
  country          text,
  online           boolean       NOT NULL DEFAULT false,
  topic            text,
  url              text,
  event_date       timestamptz   NOT NULL,
  ends_at          timestamptz,
  time_zone        text          NOT NULL DEFAULT 'UTC',
  price            numeric(12,2) NOT NULL DEFAULT 0,
  currency         text          NOT NULL DEFAULT 'EUR',
  status           text          NOT NULL DEFAULT 'active',
  sale_starts_at   timestamptz,
  sale_ends_at     timestamptz,
  max_per_user     integer       NOT NULL DEFAULT 10,
  waitlist_policy  text          NOT NULL DEFAULT 'first_come',
  version          integer       NOT NULL DEFAULT 1,
  created_by       uuid,
  created_at       timestamptz   NOT NULL DEFAULT now(),
  updated_at       timestamptz   NOT NULL DEFAULT now(),
  search_text      text          GENERATED ALWAYS AS (lower(name || ' ' || venue || ' ' || coalesce(city, '') || ' ' || coalesce(country, '') || ' ' || coalesce(topic, ''))) STORED,
  CONSTRAINT events_name_fits             CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT events_end_after_they_start  CHECK (ends_at >= event_date),
  CONSTRAINT events_price_is_not_negative CHECK (price >= 0),
  CONSTRAINT events_currency_is_iso_4217  CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT events_status_is_known       CHECK (status IN ('draft', 'active', 'cancelled', 'completed')),
  CONSTRAINT events_sell_before_they_stop CHECK (sale_ends_at > sale_starts_at),
  CONSTRAINT events_let_each_buy_a_few    CHECK (max_per_user BETWEEN 1 AND 1000)
);
CREATE INDEX events_by_date ON core.events (event_date, id);
CREATE INDEX events_by_name ON core.events (name, id);
CREATE INDEX events_by_text ON core.events USING gin (search_text ext.gin_trgm_ops);

CREATE TABLE core.event_inventory (
  event_id   uuid    PRIMARY KEY REFERENCES core.events (id) ON DELETE CASCADE,
  capacity   integer NOT NULL,
  available  integer NOT NULL,
  CONSTRAINT event_inventory_is_never_oversold CHECK (available >= 0),
  CONSTRAINT event_inventory_fits_the_house    CHECK (available <= capacity AND capacity BETWEEN 0 AND 10000000)
) WITH (fillfactor = 50);

-- What people see: an active event whose end has passed is completed, whether or not a job said so.
CREATE FUNCTION core.shown_status(status text, event_date timestamptz, ends_at timestamptz) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog AS $$ SELECT CASE WHEN status = 'active' AND coalesce(ends_at, event_date) < now() THEN 'completed' ELSE status END $$;
GRANT EXECUTE ON FUNCTION core.shown_status(text, timestamptz, timestamptz)
  TO application_public, application_user, application_admin, application_booking, application_operator;
