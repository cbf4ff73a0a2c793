-- +goose Up
-- From where on seqs are given on each history of the database. A server that is
-- promoted begins a new one (its timeline), and may lack the last commits of the
-- old one, whose seqs users have been shown already.
CREATE TABLE numberings (
    timeline text        PRIMARY KEY,
    base     bigint      NOT NULL CHECK (base >= 0),
    begun_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO numberings (timeline, base) VALUES (left(pg_walfile_name(pg_current_wal_lsn()), 8), 0);

-- +goose Down
DROP TABLE numberings;
