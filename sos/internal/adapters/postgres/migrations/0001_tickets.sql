-- +goose Up
CREATE TABLE tickets (
    id                uuid        PRIMARY KEY,
    reporter_id       text        NOT NULL,
    reporter_name     text        NOT NULL,
    status            text        NOT NULL CHECK (status IN ('countdown', 'pending', 'in_progress', 'emergency_called', 'resolved', 'cancelled')),
    priority          text        NOT NULL,
    emergency_type    text        NOT NULL,
    description       text        NOT NULL,
    address           text        NOT NULL,
    location          jsonb,
    silent            boolean     NOT NULL,
    drill             boolean     NOT NULL,
    occurred_at       timestamptz,
    countdown_ends_at timestamptz,
    alarmed_at        timestamptz,
    acknowledged_at   timestamptz,
    acknowledged_by   jsonb,
    acknowledgers     text[]      NOT NULL DEFAULT '{}',
    escalation_level  integer     NOT NULL DEFAULT 0,
    outcome           text        NOT NULL DEFAULT '',
    reached_by        text        NOT NULL DEFAULT '',
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    closed_at         timestamptz,
    version           integer     NOT NULL,
    last_seq          integer     NOT NULL,
    CHECK ((status IN ('resolved', 'cancelled')) = (closed_at IS NOT NULL)),
    CHECK ((status = 'countdown') = (countdown_ends_at IS NOT NULL))
);

-- One person has one open emergency, and beside it one drill: whatever else
-- goes wrong, a second one cannot be stored.
CREATE UNIQUE INDEX tickets_one_open ON tickets (reporter_id, drill) WHERE closed_at IS NULL;
CREATE INDEX tickets_by_reporter ON tickets (reporter_id, created_at DESC, id DESC);

-- What every press led to, so that its repeat finds the ticket it had joined.
CREATE TABLE presses (
    id        uuid        PRIMARY KEY,
    ticket_id uuid        NOT NULL REFERENCES tickets (id),
    merged    boolean     NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);

-- Whom a ticket was sent to, in the order of its list.
CREATE TABLE helpers (
    ticket_id  uuid    NOT NULL REFERENCES tickets (id),
    position   integer NOT NULL,
    contact_id uuid    NOT NULL,
    user_id    text    NOT NULL,
    name       text    NOT NULL,
    PRIMARY KEY (ticket_id, user_id)
);
CREATE INDEX helpers_by_user ON helpers (user_id, ticket_id);

CREATE TABLE timeline (
    ticket_id  uuid        NOT NULL REFERENCES tickets (id),
    seq        integer     NOT NULL,
    at         timestamptz NOT NULL,
    kind       text        NOT NULL,
    actor_id   text        NOT NULL,
    actor_name text        NOT NULL,
    actor_kind text        NOT NULL,
    data       jsonb,
    PRIMARY KEY (ticket_id, seq)
);

-- What has happened has happened: not even this service's own mistakes change it.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline is append-only' USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER timeline_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON timeline
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE timers (
    ticket_id uuid        NOT NULL REFERENCES tickets (id),
    kind      text        NOT NULL,
    level     integer     NOT NULL DEFAULT 0,
    round     integer     NOT NULL DEFAULT 0,
    due_at    timestamptz NOT NULL,
    PRIMARY KEY (ticket_id, kind, level, round)
);
CREATE INDEX timers_due ON timers (due_at);

CREATE TABLE outbox (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_id  uuid        NOT NULL REFERENCES tickets (id),
    recipient  text        NOT NULL,
    seq        integer     NOT NULL,
    alert      jsonb       NOT NULL,
    queued_at  timestamptz NOT NULL DEFAULT now(),
    due_at     timestamptz NOT NULL DEFAULT now(),
    attempts   integer     NOT NULL DEFAULT 0,
    lease      text,
    fate       text CHECK (fate IN ('delivered', 'parked')),
    settled_at timestamptz,
    CONSTRAINT outbox_once UNIQUE (ticket_id, recipient, seq)
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE fate IS NULL;

-- +goose Down
DROP TABLE outbox, timers, timeline, helpers, presses, tickets;
DROP FUNCTION refuse_change();
