-- +goose Up

-- Where events came from, apart from the record: it can be erased with its
-- person. The record, and with it the chain of seals, holds a salted hash of it.
CREATE TABLE audit_origins (
    event_id   uuid PRIMARY KEY,
    person     uuid  NOT NULL, -- whose address it is: whoever did it
    ip         text  NOT NULL,
    user_agent text  NOT NULL,
    salt       bytea NOT NULL,
    parted     boolean NOT NULL DEFAULT false -- it stood in the record once, and seals of the first form hash it
);
CREATE INDEX audit_origins_of_person ON audit_origins (person);
REVOKE UPDATE ON audit_origins FROM auth_service;

-- '' has no origin, or still has it in ip and user_agent, which an older version writes.
ALTER TABLE audit_events ADD COLUMN origin text NOT NULL DEFAULT '';
CREATE INDEX audit_events_with_origin ON audit_events (tx) WHERE ip <> '' OR user_agent <> '';

-- What a seal hashes of each event: 1 = the origin, 2 = the hash of the origin.
ALTER TABLE audit_seals ADD COLUMN form int NOT NULL DEFAULT 1;

-- Moves what older versions have written up to a horizon; nobody may change the
-- record but this function. The hash is domain.Origin.Commitment.
-- +goose StatementBegin
CREATE FUNCTION part_audit_origins(horizon xid8) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    WITH parted AS (
        INSERT INTO audit_origins (event_id, person, ip, user_agent, salt, parted)
        SELECT e.id, CASE WHEN e.kind IN ('user.supervised', 'user.sessions_revoked') THEN (e.data ->> 'by')::uuid ELSE e.user_id END,
            e.ip, e.user_agent, uuid_send(gen_random_uuid()), true
        FROM audit_events e WHERE e.tx < horizon AND (e.ip <> '' OR e.user_agent <> '')
        RETURNING event_id, ip, user_agent, salt
    )
    UPDATE audit_events e SET ip = '', user_agent = '', origin = encode(sha256(p.salt || convert_to(
        octet_length(p.ip) || ':' || p.ip || octet_length(p.user_agent) || ':' || p.user_agent, 'UTF8')), 'hex')
    FROM parted p WHERE e.id = p.event_id
$$;
-- +goose StatementEnd
SELECT part_audit_origins(pg_current_xact_id());

-- +goose Down
UPDATE audit_events e SET ip = o.ip, user_agent = o.user_agent FROM audit_origins o WHERE o.event_id = e.id;
DROP FUNCTION part_audit_origins(xid8);
ALTER TABLE audit_seals DROP COLUMN form;
DROP INDEX audit_events_with_origin;
ALTER TABLE audit_events DROP COLUMN origin;
DROP TABLE audit_origins;
