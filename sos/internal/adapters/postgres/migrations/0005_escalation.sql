-- +goose Up
-- Where a ticket stands on the ladder, with the policy as it was at the alarm.
ALTER TABLE tickets ADD COLUMN escalation jsonb;

-- Tickets that are open without a timer would be left to themselves.
INSERT INTO timers (ticket_id, kind, due_at)
SELECT id, 'escalation', now() FROM tickets WHERE closed_at IS NULL AND status <> 'countdown'
ON CONFLICT DO NOTHING;

-- However many engines run: a step of an escalation happens once.
CREATE UNIQUE INDEX timeline_steps_once ON timeline (ticket_id, (data ->> 'run'), (data ->> 'level'), (data ->> 'round')) WHERE kind = 'escalated';

-- Every policy that was ever in force, and who set it.
CREATE TABLE escalation_policies (
    version integer     PRIMARY KEY,
    policy  jsonb       NOT NULL,
    set_by  text        NOT NULL,
    set_at  timestamptz NOT NULL DEFAULT now()
);
-- +goose StatementBegin
CREATE FUNCTION refuse_policy_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'policies are append-only' USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER policies_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON escalation_policies
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_policy_change();

-- Who the staff are, as auth last said.
CREATE TABLE dispatchers (
    user_id text PRIMARY KEY
);

-- +goose Down
DROP TABLE dispatchers, escalation_policies;
DROP FUNCTION refuse_policy_change();
DROP INDEX timeline_steps_once;
DELETE FROM timers WHERE kind <> 'countdown';
ALTER TABLE tickets DROP COLUMN escalation;
