-- +goose Up

-- Texts are '' where never given: NULL would be a second way to say the same.
CREATE TABLE users (
    id                 uuid PRIMARY KEY,
    email              text        NOT NULL,
    email_verified     boolean     NOT NULL DEFAULT false,
    phone              text        NOT NULL DEFAULT '',
    phone_verified     boolean     NOT NULL DEFAULT false,
    password_hash      text        NOT NULL DEFAULT '', -- '' = signs in by other means only
    credential_version bigint      NOT NULL DEFAULT 1,
    role               text        NOT NULL DEFAULT 'USER',
    active             boolean     NOT NULL DEFAULT true,
    first_name         text        NOT NULL DEFAULT '',
    last_name          text        NOT NULL DEFAULT '',
    locale             text        NOT NULL DEFAULT '',
    timezone           text        NOT NULL DEFAULT '',
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_unique UNIQUE (email), -- canonical: one account per mailbox
    CONSTRAINT users_role_known CHECK (role IN ('USER', 'PROVIDER', 'VOLUNTEER', 'ADMIN', 'SUPER_ADMIN'))
);
CREATE INDEX users_by_verified_phone ON users (phone) WHERE phone_verified;
CREATE INDEX users_who_administer ON users (role) WHERE role IN ('ADMIN', 'SUPER_ADMIN');

-- Refreshing changes no indexed column, and the free space keeps the new row
-- version on its page: no index is written (HOT).
CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id    uuid        NOT NULL,
    device_name  text        NOT NULL DEFAULT '',
    ip           text        NOT NULL DEFAULT '',
    user_agent   text        NOT NULL DEFAULT '',
    salt         bytea       NOT NULL,
    generation   bigint      NOT NULL DEFAULT 1,
    rotated_at   timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    end_reason   text        NOT NULL DEFAULT ''
) WITH (fillfactor = 70);
CREATE INDEX sessions_live_of_user ON sessions (user_id, id DESC) WHERE ended_at IS NULL;

-- Whoever revokes takes this row's lock until commit, so that revisions are
-- contiguous in the order of commits: a reader that has seen n has missed none.
CREATE TABLE revocation_head (
    the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
    revision bigint  NOT NULL
);
INSERT INTO revocation_head (revision) VALUES (0);

CREATE TABLE revocations (
    revision   bigint PRIMARY KEY,
    session_id uuid, -- NULL: all sessions of the user, up to before
    user_id    uuid        NOT NULL,
    before     timestamptz,
    at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT revocations_hit_something CHECK (session_id IS NOT NULL OR before IS NOT NULL)
);
CREATE INDEX revocations_by_age ON revocations (at);

-- The record can only grow: the service's role may add and read.
CREATE TABLE audit_events (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT now(),
    kind       text        NOT NULL,
    user_id    uuid        NOT NULL, -- no foreign key: the record outlives the account
    session_id uuid,
    ip         text        NOT NULL DEFAULT '',
    user_agent text        NOT NULL DEFAULT '',
    data       jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_events_of_user ON audit_events (user_id, at);
REVOKE UPDATE, DELETE ON audit_events FROM auth_service;

-- +goose Down
DROP TABLE audit_events, revocations, revocation_head, sessions, users;
