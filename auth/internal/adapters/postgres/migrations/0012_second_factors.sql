-- +goose Up

-- What an account has beside its password. The secret is sealed by a key that
-- is not in the database; of the recovery codes there are hashes, used ones are gone.
CREATE TABLE second_factors (
    user_id      uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret       bytea       NOT NULL,
    sealed_by    text        NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint      NOT NULL DEFAULT 0,
    recovery     bytea[]     NOT NULL DEFAULT '{}',
    failures     integer     NOT NULL DEFAULT 0,
    lockouts     integer     NOT NULL DEFAULT 0,
    locked_until timestamptz
);

-- +goose Down
DROP TABLE second_factors;
