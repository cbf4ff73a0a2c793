-- +goose Up

-- Grows with every change of an account, whichever version of the service makes it.
ALTER TABLE users ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- +goose StatementBegin
CREATE FUNCTION count_account_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER users_count_versions BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION count_account_version();

-- +goose Down
DROP TRIGGER users_count_versions ON users;
DROP FUNCTION count_account_version();
ALTER TABLE users DROP COLUMN version;
