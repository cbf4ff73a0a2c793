-- +goose Up
-- The ways of those who called for help: at most one fix a second.
CREATE TABLE fixes (
    ticket_id   uuid             NOT NULL REFERENCES tickets (id),
    at          timestamptz      NOT NULL,
    received_at timestamptz      NOT NULL,
    latitude    double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude   double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    measured    jsonb,
    PRIMARY KEY (ticket_id, at)
);

-- What is known of a way without reading it.
CREATE TABLE trails (
    ticket_id uuid        PRIMARY KEY REFERENCES tickets (id),
    fixes     integer     NOT NULL,
    newest_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE trails, fixes;
