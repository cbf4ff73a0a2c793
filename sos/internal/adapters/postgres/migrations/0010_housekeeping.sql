-- +goose Up
-- What a timeline was at a moment: nobody can change a line and go unnoticed.
CREATE TABLE seals (
    ticket_id uuid        NOT NULL REFERENCES tickets (id),
    seq       integer     NOT NULL,
    hash      bytea       NOT NULL CHECK (octet_length(hash) = 32),
    sealed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (ticket_id, seq)
);
CREATE TRIGGER seals_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Everything that had happened until then is sealed.
CREATE TABLE sealed_until (
    one   boolean     PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL
);
-- Lines come in the order of time: this index costs the one who calls for help nothing.
CREATE INDEX timeline_by_age ON timeline USING brin (at);

ALTER TABLE tickets
    ADD COLUMN coarse_at         timestamptz,
    ADD COLUMN guest_phone_digest bytea;
CREATE INDEX tickets_with_place ON tickets (closed_at) WHERE closed_at IS NOT NULL AND coarse_at IS NULL;
CREATE INDEX tickets_with_phone ON tickets (closed_at) WHERE closed_at IS NOT NULL AND guest_phone <> '';

-- What was forgotten, and when; never what it was.
CREATE TABLE forgotten (
    at      timestamptz NOT NULL DEFAULT now(),
    what    text        NOT NULL CHECK (what IN ('place', 'phone')),
    tickets uuid[]      NOT NULL
);
CREATE TRIGGER forgotten_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON forgotten
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE forgotten;
DROP INDEX tickets_with_place, tickets_with_phone;
ALTER TABLE tickets DROP COLUMN coarse_at, DROP COLUMN guest_phone_digest;
DROP INDEX timeline_by_age;
DROP TABLE sealed_until, seals;
