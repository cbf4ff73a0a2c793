-- +goose Up

-- A seal covers the events of all transactions from the horizon before it up to
-- its own. Below the oldest transaction that still runs nothing can appear any
-- more, so a piece is complete when it is sealed, whatever the clocks say.
ALTER TABLE audit_events ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX audit_events_by_tx ON audit_events (tx, id);

CREATE TABLE audit_seals (
    seal    bigint PRIMARY KEY,
    horizon xid8        NOT NULL,
    events  bigint      NOT NULL,
    hash    text        NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);
REVOKE UPDATE, DELETE ON audit_seals FROM auth_service;

-- +goose Down
DROP TABLE audit_seals;
ALTER TABLE audit_events DROP COLUMN tx;
