-- +goose Up
-- What somebody must know to take their own call for help back.
CREATE TABLE pins (
    user_id       text        PRIMARY KEY,
    hash          text        NOT NULL,
    tries         integer     NOT NULL,
    blocked_until timestamptz
);

-- A guest's number is what somebody has typed: to call back, and never a proof
-- of anything. The address is a keyed digest: it only tells alike from unlike.
ALTER TABLE tickets
    ADD COLUMN guest_phone   text    NOT NULL DEFAULT '',
    ADD COLUMN guest_address text    NOT NULL DEFAULT '',
    ADD COLUMN low_trust     boolean NOT NULL DEFAULT false;
CREATE INDEX tickets_open_of_guests ON tickets (guest_address) WHERE closed_at IS NULL AND guest_address <> '';

-- +goose Down
DROP INDEX tickets_open_of_guests;
ALTER TABLE tickets DROP COLUMN guest_phone, DROP COLUMN guest_address, DROP COLUMN low_trust;
DROP TABLE pins;
