-- +goose Up
-- Installations that take pushes. An address (a token, or the endpoint of a
-- subscription) is in one row only; its digest is kept beside it, because an
-- endpoint is too long for an index.
CREATE TABLE devices (
    id             uuid        PRIMARY KEY,
    user_id        uuid        NOT NULL,
    session_id     text        NOT NULL,
    installation   text        NOT NULL,
    provider       text        NOT NULL,
    address        text        NOT NULL,
    address_digest bytea       NOT NULL,
    p256dh         text        NOT NULL,
    auth           text        NOT NULL,
    environment    text        NOT NULL,
    app_id         text        NOT NULL,
    app_version    text        NOT NULL,
    locale         text        NOT NULL,
    created_at     timestamptz NOT NULL,
    refreshed_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX devices_installation ON devices (user_id, installation);
CREATE UNIQUE INDEX devices_address ON devices (provider, address_digest);
CREATE INDEX devices_session ON devices (session_id);
CREATE INDEX devices_idle ON devices (refreshed_at);

-- What auth has revoked lately: the devices of a session go with it, also when
-- nobody was here to hear of its end.
CREATE TABLE revocations (
    revision   bigint      NOT NULL,
    session_id text        NOT NULL,
    user_id    text        NOT NULL,
    before     timestamptz,
    at         timestamptz NOT NULL,
    PRIMARY KEY (session_id, user_id, revision)
);
CREATE INDEX revocations_by_age ON revocations (at);

-- How far auth's list was followed. Whoever ends sessions locks the row for
-- itself, whoever registers a device shares it: no device is registered for a
-- session that is being ended.
CREATE TABLE revocations_reached (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint  NOT NULL
);
INSERT INTO revocations_reached (revision) VALUES (0);

-- +goose Down
DROP TABLE revocations_reached;
DROP TABLE revocations;
DROP TABLE devices;
