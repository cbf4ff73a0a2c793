-- Copies the monolith's accounts (MIGRATION.md, phase 2), as often as wanted:
--
--   psql -X -v ON_ERROR_STOP=1 -d loveapp -f deployments/postgres/copy-accounts.sql < accounts.csv
--
-- accounts.csv has a head and the columns id, email, first_name, last_name,
-- role, created_at. An account's new id follows from its old one, as
-- token.LegacyUser computes it. Nobody gets a password: people ask for one by
-- mail, which also shows that the address is theirs. What is not taken is
-- listed by its old id, never repaired.
BEGIN;
SET LOCAL search_path = pg_temp, pg_catalog;

CREATE TEMP TABLE old_accounts (
    id text NOT NULL, email text, first_name text, last_name text, role text, created_at timestamptz
) ON COMMIT DROP;
\copy old_accounts FROM pstdin WITH (FORMAT csv, HEADER)

CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT o.id AS old_id,
       overlay(overlay(digest PLACING '8' FROM 13)
               PLACING substr('89ab', ('x' || substr(digest, 17, 1))::bit(4)::int % 4 + 1, 1) FROM 17)::uuid AS new_id,
       o.email, o.first_name, o.last_name, o.created_at,
       CASE lower(o.role)
           WHEN 'provider' THEN 'PROVIDER' WHEN 'counsellor' THEN 'PROVIDER'
           WHEN 'volunteer' THEN 'VOLUNTEER' WHEN 'responder' THEN 'VOLUNTEER'
           ELSE 'USER' -- administrators are made here, by one who is
       END AS role,
       CASE
           WHEN o.email !~ '^[a-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])$'
             OR length(o.email) > 254 OR position('@' in o.email) > 65 THEN 'no e-mail address in plain ASCII'
           WHEN length(o.first_name) > 100 OR length(o.last_name) > 100 THEN 'a name of more than 100 characters'
           WHEN row_number() OVER (PARTITION BY o.email ORDER BY o.created_at, o.id) > 1 THEN 'an older account has this address'
           WHEN u.id IS NOT NULL THEN 'an account that was made here has this address'
       END AS refused
FROM (SELECT id, lower(trim(coalesce(email, ''))) AS email, trim(coalesce(first_name, '')) AS first_name, trim(coalesce(last_name, '')) AS last_name,
             coalesce(role, '') AS role, coalesce(created_at, now()) AS created_at,
             substr(encode(sha256(convert_to('loveapp-legacy-user:' || id, 'UTF8')), 'hex'), 1, 32) AS digest
      FROM old_accounts) o
LEFT JOIN auth.users u ON u.email = o.email AND substr(u.id::text, 15, 1) <> '8';

INSERT INTO auth.users (id, email, role, first_name, last_name, created_at)
SELECT new_id, email, role, first_name, last_name, created_at FROM judged WHERE refused IS NULL
ON CONFLICT DO NOTHING; -- copied before

SELECT 'refused ' || old_id || ': ' || refused FROM judged WHERE refused IS NOT NULL ORDER BY old_id;
SELECT 'old ' || count(*) || ' ' || md5(coalesce(string_agg(email, ',' ORDER BY email COLLATE "C"), '')) FROM judged WHERE refused IS NULL;
SELECT 'new ' || count(*) || ' ' || md5(coalesce(string_agg(email, ',' ORDER BY email COLLATE "C"), ''))
FROM auth.users WHERE id IN (SELECT new_id FROM judged WHERE refused IS NULL);
COMMIT;
