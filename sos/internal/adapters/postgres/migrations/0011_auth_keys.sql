-- +goose Up
-- Auth's public keys as it published them last, for a copy that starts while auth is down.
CREATE TABLE auth_keys (
    one     boolean     PRIMARY KEY DEFAULT true CHECK (one),
    jwks    text        NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE auth_keys;
