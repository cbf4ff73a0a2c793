-- +goose Up
-- Links that let others follow a ticket; of the token there is only the hash.
CREATE TABLE shares (
    id         uuid        PRIMARY KEY,
    ticket_id  uuid        NOT NULL REFERENCES tickets (id),
    contact_id uuid,
    name       text        NOT NULL,
    token_hash bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT shares_token UNIQUE (token_hash)
);
CREATE INDEX shares_by_ticket ON shares (ticket_id, id DESC);

-- Contacts without the app are asked by mail or text, at the address that was
-- typed; it is used for nothing else before they have agreed. sent_at stays
-- empty while there is no channel to send by.
CREATE TABLE consents (
    id          uuid        PRIMARY KEY,
    contact_id  uuid        NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    channel     text        NOT NULL CHECK (channel IN ('email', 'sms')),
    address     text        NOT NULL,
    locale      text        NOT NULL,
    token_hash  bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    answered_at timestamptz,
    sent_at     timestamptz,
    CONSTRAINT consents_token UNIQUE (token_hash)
);
CREATE INDEX consents_by_contact ON consents (contact_id);
CREATE INDEX consents_by_address ON consents (address, created_at);
CREATE INDEX consents_to_send ON consents (created_at) WHERE sent_at IS NULL;

-- Invitations are found by the addresses that somebody has verified.
CREATE INDEX contacts_invited_by_email ON contacts (lower(email)) WHERE status = 'invited' AND email <> '';
CREATE INDEX contacts_invited_by_phone ON contacts (phone) WHERE status = 'invited' AND phone <> '';

CREATE TABLE contact_tests (
    owner_id   text        NOT NULL,
    contact_id uuid        NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX contact_tests_by_owner ON contact_tests (owner_id, at);

-- Alerts to contacts without the app wait until there is a channel to send them by.
ALTER TABLE outbox DROP CONSTRAINT outbox_fate_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_fate_check CHECK (fate IN ('delivered', 'parked', 'awaiting_channel'));

-- +goose Down
UPDATE outbox SET fate = 'parked' WHERE fate = 'awaiting_channel';
ALTER TABLE outbox DROP CONSTRAINT outbox_fate_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_fate_check CHECK (fate IN ('delivered', 'parked'));
DROP INDEX contacts_invited_by_email, contacts_invited_by_phone;
DROP TABLE contact_tests, consents, shares;
