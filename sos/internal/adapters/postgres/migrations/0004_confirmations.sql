-- +goose Up
-- A row that is committed here on two machines says that all before it is on
-- both. It refers to the ticket without a foreign key: that would hold a lock on
-- the ticket for as long as a standby is silent, and nobody could acknowledge.
CREATE TABLE confirmations (
    ticket_id uuid        NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX confirmations_by_age ON confirmations (at);

-- +goose Down
DROP TABLE confirmations;
