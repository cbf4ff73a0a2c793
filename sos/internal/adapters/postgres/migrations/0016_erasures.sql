-- +goose Up
-- Whose account is gone, and when the last of what is known about them went.
CREATE TABLE erasures (
    user_id  text        PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT now(),
    done_at  timestamptz
);
CREATE INDEX erasures_to_do ON erasures (asked_at) WHERE done_at IS NULL;
CREATE INDEX contacts_by_user ON contacts (user_id) WHERE user_id <> '';

-- +goose Down
DROP INDEX contacts_by_user;
DROP TABLE erasures;
