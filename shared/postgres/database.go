package postgres

import (
	"context"
	"fmt"
)

// CreateDatabase makes the database named in c where its server has none of
// that name. The login must be allowed to.
func CreateDatabase(ctx context.Context, c Config) error {
	const exists = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	name := c.Name
	c.Name = "postgres" // initdb makes it on every server
	pool, err := OpenLogin(c)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	if found, err := ask(ctx, pool, exists, name); err != nil || found {
		return Classify(err)
	}
	if _, err := pool.ExecContext(ctx, `CREATE DATABASE `+ident(name)+` TEMPLATE template0 ENCODING 'UTF8'`); err != nil {
		return Classify(fmt.Errorf("create the database %s: %w", name, err))
	}
	return nil
}

// Empty reports whether the database holds no table yet: nothing has been
// migrated. It connects as the login, so that it needs neither schema nor role.
func Empty(ctx context.Context, c Config) (bool, error) {
	const noTables = `SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname <> ALL ('{pg_catalog,information_schema}'))`
	pool, err := OpenLogin(c)
	if err != nil {
		return false, err
	}
	defer func() { _ = pool.Close() }()
	var empty bool
	err = pool.QueryRowContext(ctx, noTables).Scan(&empty)
	return empty, Classify(err)
}
