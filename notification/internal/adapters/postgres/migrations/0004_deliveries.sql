-- +goose Up
-- What is still to be done about a notification until it is acknowledged: one
-- row, from its commit to its last step. A lease is a due time in the future
-- with a name on it: when whoever holds it dies, the row becomes due by itself.
CREATE TABLE hops (
    notification_id uuid        PRIMARY KEY,
    urgent          boolean     NOT NULL,
    named           boolean     NOT NULL, -- the sender chose the channels
    steps           text[]      NOT NULL,
    looked          boolean     NOT NULL DEFAULT false,
    due_at          timestamptz NOT NULL,
    lease           uuid
);
CREATE INDEX hops_due ON hops (urgent, due_at);

-- One message to one device or address, and what became of it.
CREATE TABLE deliveries (
    id              uuid        PRIMARY KEY, -- follows from the event and the target: the same one is sent once
    event_id        text        NOT NULL,
    notification_id uuid, -- none: to an address without an account
    user_id         uuid,
    provider        text        NOT NULL,
    device_id       uuid,
    address         text, -- gone once it is settled
    shown_as        text        NOT NULL DEFAULT '', -- the address with most of it covered
    locale          text        NOT NULL DEFAULT '',
    letter          jsonb, -- what it says, where there is no notification that does; gone once it is settled
    category        text        NOT NULL,
    priority        text        NOT NULL,
    urgent          boolean     NOT NULL,
    bypassed        boolean     NOT NULL DEFAULT false, -- preferences or quiet hours would have held it back
    state           text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead', 'gone', 'cancelled', 'expired')),
    attempts        integer     NOT NULL DEFAULT 0,
    code            text        NOT NULL DEFAULT '',
    provider_id     text        NOT NULL DEFAULT '',
    lease           uuid,
    due_at          timestamptz NOT NULL DEFAULT now(),
    created_at      timestamptz NOT NULL DEFAULT now(),
    queued_at       timestamptz NOT NULL DEFAULT now(), -- again when a dead letter is replayed
    settled_at      timestamptz,
    expires_at      timestamptz
);
CREATE INDEX deliveries_due ON deliveries (provider, urgent, due_at) WHERE state = 'waiting';
CREATE INDEX deliveries_by_notification ON deliveries (notification_id, created_at, id);
CREATE INDEX deliveries_by_event ON deliveries (event_id, created_at, id);
CREATE INDEX deliveries_dead ON deliveries (settled_at, id) WHERE state = 'dead';
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE state <> 'waiting';

-- +goose Down
DROP TABLE deliveries;
DROP TABLE hops;
