-- What Evently is compared with: the booking table most backends have, and seats counted on the event's row.
-- Lives in a database of its own on the same cluster; less work per booking than Evently's (no audit, no policies, no keys).
CREATE TABLE events (id int PRIMARY KEY, available int NOT NULL CHECK (available >= 0));
CREATE TABLE bookings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    booking_reference text NOT NULL UNIQUE DEFAULT left(gen_random_uuid()::text, 13),
    event_id int NOT NULL REFERENCES events,
    user_id uuid NOT NULL,
    quantity int NOT NULL,
    status text NOT NULL DEFAULT 'confirmed',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON bookings (user_id, created_at);
CREATE INDEX ON bookings (event_id);
INSERT INTO events VALUES (1, 2000000000);
