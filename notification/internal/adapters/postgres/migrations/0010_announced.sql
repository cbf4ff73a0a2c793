-- +goose Up
-- In how many of the inboxes that an announcement was accepted for it does not
-- stand, and rightly so: their users were erased, or it expired before its time.
ALTER TABLE announcements ADD COLUMN gone integer NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE announcements DROP COLUMN gone;
