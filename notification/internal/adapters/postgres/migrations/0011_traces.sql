-- +goose Up
-- Which trace an entry or a message belongs to (a W3C traceparent); '' where nobody follows it.
ALTER TABLE notifications ADD COLUMN trace text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN trace text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE deliveries DROP COLUMN trace;
ALTER TABLE notifications DROP COLUMN trace;
