-- +goose Up
-- Up to where an inbox has been removed because of its age: whoever asks for
-- anything before it is told so.
ALTER TABLE inboxes ADD COLUMN purged_through bigint NOT NULL DEFAULT 0;

-- How far the walk over all inboxes has come, one row: instances share the work.
CREATE TABLE retention_walks (
    id         boolean     PRIMARY KEY DEFAULT true CHECK (id),
    begun_at   timestamptz NOT NULL DEFAULT '-infinity',
    after_user uuid -- NULL: it is over
);
INSERT INTO retention_walks DEFAULT VALUES;

-- +goose Down
DROP TABLE retention_walks;
ALTER TABLE inboxes DROP COLUMN purged_through;
