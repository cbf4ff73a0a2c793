-- +goose Up
-- Requests for consent are sent from here, under a lease: due_at in the future.
ALTER TABLE consents
    ADD COLUMN due_at   timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN attempts integer     NOT NULL DEFAULT 0;
CREATE INDEX consents_due ON consents (due_at) WHERE sent_at IS NULL AND answered_at IS NULL;

-- The channel of the address whose holder has agreed; '' of older contacts, who
-- were asked by mail where they had an address, and else by text.
ALTER TABLE contacts ADD COLUMN agreed_by text NOT NULL DEFAULT '';

-- Alerts that nobody is to be sent any more.
ALTER TABLE outbox DROP CONSTRAINT outbox_fate_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_fate_check CHECK (fate IN ('delivered', 'parked', 'awaiting_channel', 'unwanted')) NOT VALID;

-- +goose Down
UPDATE outbox SET fate = 'parked' WHERE fate = 'unwanted';
ALTER TABLE outbox DROP CONSTRAINT outbox_fate_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_fate_check CHECK (fate IN ('delivered', 'parked', 'awaiting_channel'));
ALTER TABLE contacts DROP COLUMN agreed_by;
DROP INDEX consents_due;
ALTER TABLE consents DROP COLUMN due_at, DROP COLUMN attempts;
