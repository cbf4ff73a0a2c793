-- +goose Up
-- What dispatchers look through, the newest first.
CREATE INDEX tickets_by_age ON tickets (created_at DESC, id DESC);

-- What was refused for good: the auditor counts those of open tickets.
CREATE INDEX outbox_parked ON outbox (ticket_id) WHERE fate = 'parked';

-- +goose Down
DROP INDEX outbox_parked;
DROP INDEX tickets_by_age;
