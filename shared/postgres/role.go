package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// prepareSchema makes the schema, owned by the login, and the role that the
// service acts as: it may use the schema's rows and change none of its definitions.
func prepareSchema(ctx context.Context, c Config, pool *sql.DB) error {
	if _, err := pool.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+ident(c.Schema)); err != nil {
		return fmt.Errorf("create the schema: %w", err)
	}
	for attempt := 1; ; attempt++ {
		err := ensureRole(ctx, c, pool)
		if err == nil {
			break
		}
		if attempt == roleTries || !raced(err) || !pause(ctx, time.Duration(attempt)*retryPause) {
			return fmt.Errorf("create the role %s: %w", c.Role, err)
		}
	}
	return execEach(ctx, pool, fill(c, []string{
		`GRANT USAGE ON SCHEMA {schema} TO {role}`,
		`ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}`,
		`ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}`,
	}))
}

// grantRows covers tables that an older program created with other privileges.
// A table that the role can read already is left as its migration wants it: one
// that may only grow has lost UPDATE and DELETE there.
func grantRows(ctx context.Context, c Config, pool *sql.DB) error {
	const forgotten = `SELECT coalesce(string_agg(format('%I.%I', schemaname, tablename), ', '), '') FROM pg_tables
		WHERE schemaname = $1 AND NOT has_table_privilege($2, format('%I.%I', schemaname, tablename), 'SELECT')`
	var tables string
	if err := pool.QueryRowContext(ctx, forgotten, c.Schema, c.Role).Scan(&tables); err != nil {
		return fmt.Errorf("look for tables without privileges: %w", err)
	}
	var statements []string
	if tables != "" {
		statements = append(statements, `GRANT SELECT, INSERT, UPDATE, DELETE ON `+tables+` TO {role}`)
	}
	return execEach(ctx, pool, fill(c, append(statements,
		`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}`,
		`REVOKE INSERT, UPDATE, DELETE ON {schema}.`+versionTable+` FROM {role}`,
	)))
}

// roleTries: roles belong to the whole cluster, so databases that are migrated
// side by side (tests) meet here although their advisory locks differ.
const roleTries = 20

// raced: somebody else created or granted the same at the same moment. The
// catalog's own collision has no code but internal_error.
func raced(err error) bool {
	return hasCode(err, duplicateObject, uniqueViolation) ||
		hasCode(err, internalError) && strings.Contains(err.Error(), "tuple concurrently updated")
}

// ensureRole also makes the login a member, which a superuser is of every role
// and another creator is not (PostgreSQL 16 gives it only ADMIN).
func ensureRole(ctx context.Context, c Config, pool *sql.DB) error {
	const exists = `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`
	const member = `SELECT pg_has_role(current_user, $1, 'MEMBER')`
	if ok, err := ask(ctx, pool, exists, c.Role); err != nil {
		return err
	} else if !ok {
		if _, err := pool.ExecContext(ctx, `CREATE ROLE `+ident(c.Role)+` NOLOGIN`); err != nil {
			return err
		}
	}
	if ok, err := ask(ctx, pool, member, c.Role); err != nil || ok {
		return err
	}
	_, err := pool.ExecContext(ctx, `GRANT `+ident(c.Role)+` TO CURRENT_USER`)
	return err
}

func ask(ctx context.Context, pool *sql.DB, query, argument string) (answer bool, err error) {
	err = pool.QueryRowContext(ctx, query, argument).Scan(&answer)
	return answer, err
}

func fill(c Config, statements []string) []string {
	names := strings.NewReplacer("{schema}", ident(c.Schema), "{role}", ident(c.Role))
	filled := make([]string, len(statements))
	for i, s := range statements {
		filled[i] = names.Replace(s)
	}
	return filled
}

func execEach(ctx context.Context, pool *sql.DB, statements []string) error {
	for _, s := range statements {
		if _, err := pool.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
