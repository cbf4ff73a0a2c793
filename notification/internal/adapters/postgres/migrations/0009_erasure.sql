-- +goose Up
-- Of a user whose account is gone only this is kept: that nothing is to be stored
-- any more, and how far seqs had gone.
ALTER TABLE inboxes ADD COLUMN erased_at timestamptz;
CREATE INDEX deliveries_of_user ON deliveries (user_id) WHERE user_id IS NOT NULL;

-- +goose Down
DROP INDEX deliveries_of_user;
ALTER TABLE inboxes DROP COLUMN erased_at;
