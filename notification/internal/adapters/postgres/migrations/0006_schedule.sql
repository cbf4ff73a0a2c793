-- +goose Up
-- Announcements whose time has not come. A row goes with the announcement; one
-- that was cancelled stays, and keeps nothing of what it said.
CREATE TABLE schedules (
    id           uuid        PRIMARY KEY, -- the announcement's
    created_by   uuid        NOT NULL,
    send_at      timestamptz NOT NULL,
    draft        jsonb       NOT NULL,
    cancelled_at timestamptz
);
CREATE INDEX schedules_due ON schedules (send_at) WHERE cancelled_at IS NULL;

-- +goose Down
DROP TABLE schedules;
