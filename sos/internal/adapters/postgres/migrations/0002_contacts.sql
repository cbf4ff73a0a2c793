-- +goose Up
CREATE TABLE contacts (
    id         uuid        PRIMARY KEY,
    owner_id   text        NOT NULL,
    name       text        NOT NULL,
    email      text        NOT NULL,
    phone      text        NOT NULL,
    priority   integer     NOT NULL,
    locale     text        NOT NULL,
    status     text        NOT NULL CHECK (status IN ('invited', 'active', 'declined')),
    user_id    text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX contacts_by_owner ON contacts (owner_id, id);
CREATE UNIQUE INDEX contacts_one_person ON contacts (owner_id, user_id) WHERE status = 'active';

-- Invitations outlive their contact: they count for the day's limit.
CREATE TABLE invitations (
    id          uuid        PRIMARY KEY,
    contact_id  uuid        REFERENCES contacts (id) ON DELETE SET NULL,
    owner_id    text        NOT NULL,
    token_hash  bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    answered_by text        NOT NULL DEFAULT '',
    answered_at timestamptz,
    CONSTRAINT invitations_token UNIQUE (token_hash)
);
CREATE INDEX invitations_by_owner ON invitations (owner_id, created_at);
CREATE INDEX invitations_by_contact ON invitations (contact_id);

-- Requests with an Idempotency-Key, and what they led to.
CREATE TABLE answers (
    caller text        NOT NULL,
    route  text        NOT NULL,
    key    text        NOT NULL,
    body   bytea       NOT NULL,
    answer jsonb       NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (caller, route, key)
);

-- Names of accounts, so that a call for help asks no other service.
CREATE TABLE people (
    user_id      text        PRIMARY KEY,
    name         text        NOT NULL,
    refreshed_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE people, answers, invitations, contacts;
