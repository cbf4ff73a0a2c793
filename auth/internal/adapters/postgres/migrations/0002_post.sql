-- +goose Up

-- Erased once it has passed; NULL: nobody asked for that.
ALTER TABLE users ADD COLUMN delete_after timestamptz;
CREATE INDEX users_who_leave ON users (delete_after) WHERE delete_after IS NOT NULL;

-- Whoever asks for a link or a code is answered before anybody looks at accounts.
CREATE TABLE orders (
    id         uuid PRIMARY KEY,
    purpose    text        NOT NULL,
    address    text        NOT NULL,
    user_id    uuid, -- NULL: nobody was signed in
    session_id uuid,
    at         timestamptz NOT NULL DEFAULT now()
);

-- What links and codes stand for. Neither they nor their hashes are here: they
-- are made of the row and of a key that the database does not know.
CREATE TABLE one_time_tokens (
    id         uuid PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id uuid,
    purpose    text        NOT NULL,
    address    text        NOT NULL,
    tries      int         NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX one_time_tokens_of_user ON one_time_tokens (user_id, purpose);
CREATE INDEX one_time_tokens_to_address ON one_time_tokens (address, purpose);
CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at);

CREATE TABLE messages (
    id         uuid PRIMARY KEY,
    channel    text        NOT NULL,
    template   text        NOT NULL,
    address    text        NOT NULL, -- '' once it is dead
    locale     text        NOT NULL DEFAULT '',
    user_id    uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_id   uuid,
    names_date timestamptz,
    tries      int         NOT NULL DEFAULT 0,
    due_at     timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    dead_at    timestamptz,
    trouble    text        NOT NULL DEFAULT '' -- why it was not sent the last time
);
CREATE INDEX messages_due ON messages (channel, due_at) WHERE dead_at IS NULL;
CREATE INDEX messages_of_user ON messages (user_id);

-- No foreign key: the order outlives the account.
CREATE TABLE erasures (
    user_id uuid        NOT NULL,
    service text        NOT NULL,
    tries   int         NOT NULL DEFAULT 0,
    due_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, service)
);
CREATE INDEX erasures_due ON erasures (due_at);

-- +goose Down
DROP TABLE erasures, messages, one_time_tokens, orders;
DROP INDEX users_who_leave;
ALTER TABLE users DROP COLUMN delete_after;
