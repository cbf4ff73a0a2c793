-- +goose Up
-- Calls that somebody has asked the provider for: those that are queued are to
-- be placed, under a lease.
CREATE TABLE calls (
    id           uuid        PRIMARY KEY,
    ticket_id    uuid        NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    started_by   text        NOT NULL,
    state        text        NOT NULL CHECK (state IN ('queued', 'placed', 'ringing', 'answered', 'ended', 'failed')),
    provider_id  text        NOT NULL DEFAULT '',
    reason       text        NOT NULL DEFAULT '',
    attempts     integer     NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL
);
CREATE INDEX calls_by_ticket ON calls (ticket_id, created_at);
CREATE INDEX calls_to_place ON calls (due_at) WHERE state = 'queued';

-- +goose Down
DROP TABLE calls;
