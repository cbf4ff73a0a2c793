-- +goose Up
-- Which trace what waits to be done belongs to (a W3C traceparent); '' where nobody follows it.
ALTER TABLE orders ADD COLUMN trace text NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN trace text NOT NULL DEFAULT '';
ALTER TABLE erasures ADD COLUMN trace text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE erasures DROP COLUMN trace;
ALTER TABLE messages DROP COLUMN trace;
ALTER TABLE orders DROP COLUMN trace;
