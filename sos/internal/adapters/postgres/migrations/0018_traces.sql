-- +goose Up
-- Which trace an alert or a timer belongs to (a W3C traceparent); '' where nobody follows it.
ALTER TABLE outbox ADD COLUMN trace text NOT NULL DEFAULT '';
ALTER TABLE timers ADD COLUMN trace text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE timers DROP COLUMN trace;
ALTER TABLE outbox DROP COLUMN trace;
