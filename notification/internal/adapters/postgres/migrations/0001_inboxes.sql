-- +goose Up
-- One row a user: the lock under which seqs are taken, and the counters.
CREATE TABLE inboxes (
    user_id  uuid   PRIMARY KEY,
    last_seq bigint NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    unread   bigint NOT NULL DEFAULT 0 CHECK (unread >= 0)
) WITH (fillfactor = 70); -- every new notification updates it: room for the new version on the same page

-- A deleted entry stays as an empty one, so that its event cannot bring it back.
CREATE TABLE notifications (
    user_id    uuid        NOT NULL,
    seq        bigint      NOT NULL,
    id         uuid        NOT NULL,
    event_id   text        NOT NULL,
    category   text        NOT NULL,
    priority   text        NOT NULL,
    title      text        NOT NULL,
    body       text        NOT NULL,
    data       jsonb       NOT NULL,
    created_at timestamptz NOT NULL,
    stored_at  timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    read_at    timestamptz,
    acked_at   timestamptz,
    deleted_at timestamptz,
    PRIMARY KEY (user_id, seq)
);
CREATE UNIQUE INDEX notifications_id ON notifications (id);
CREATE UNIQUE INDEX notifications_event ON notifications (user_id, event_id);
CREATE INDEX notifications_unread ON notifications (user_id, seq) WHERE read_at IS NULL AND deleted_at IS NULL;
CREATE INDEX notifications_unacked ON notifications (user_id, seq) WHERE acked_at IS NULL AND deleted_at IS NULL;
CREATE INDEX notifications_expiring ON notifications (expires_at, user_id) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;

-- What administrators have sent.
CREATE TABLE announcements (
    id              uuid        PRIMARY KEY,
    created_by      uuid        NOT NULL,
    idempotency_key text, -- forgotten after a day
    fingerprint     bytea       NOT NULL,
    accepted        integer     NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX announcements_key ON announcements (created_by, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- +goose Down
DROP TABLE announcements;
DROP TABLE notifications;
DROP TABLE inboxes;
