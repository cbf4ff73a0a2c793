-- +goose Up
-- Who was signed out, for as long as a SOS credential lives: auth's list forgets sooner.
-- A revision can come twice, for different sessions, when auth's database was restored from a backup.
CREATE TABLE revocations (
    revision   bigint      NOT NULL,
    session_id text        NOT NULL,
    user_id    text        NOT NULL,
    before     timestamptz,
    at         timestamptz NOT NULL,
    PRIMARY KEY (revision, session_id, user_id)
);
CREATE INDEX revocations_by_age ON revocations (at);

CREATE TABLE revocations_reached (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint  NOT NULL
);

-- +goose Down
DROP TABLE revocations_reached, revocations;
