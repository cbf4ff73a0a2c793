-- +goose Up

-- What identity providers call our users: each a way into one account.
CREATE TABLE identities (
    provider   text        NOT NULL,
    subject    text        NOT NULL,
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT identities_unique PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_of_user ON identities (user_id);

-- +goose Down
DROP TABLE identities;
