-- +goose Up
-- What people want to be disturbed by. Who has said nothing has no row.
CREATE TABLE preferences (
    user_id    uuid        PRIMARY KEY,
    channels   jsonb       NOT NULL, -- category -> {push, email, sms}
    quiet_from text,                 -- HH:MM by the clocks of quiet_zone
    quiet_to   text,
    quiet_zone text,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nulls(quiet_from, quiet_to, quiet_zone) IN (0, 3))
);

-- Words that administrators have written; those that come with the program are no rows.
CREATE TABLE templates (
    name       text        PRIMARY KEY COLLATE "C",
    content    jsonb       NOT NULL, -- variables, optionalVariables, texts: locale -> {title, body}
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE templates;
DROP TABLE preferences;
