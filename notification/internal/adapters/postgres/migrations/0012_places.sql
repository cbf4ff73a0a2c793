-- +goose Up
-- Where somebody called for help is taken out of all inboxes when it is over.
CREATE INDEX notifications_places ON notifications ((data ->> 'ticketId')) WHERE category = 'sos' AND data ? 'location';

-- +goose Down
DROP INDEX notifications_places;
