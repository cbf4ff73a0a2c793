package postgres

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// CreateDatabase makes the database named in c where its server has none of
// that name. The login must be allowed to.
func CreateDatabase(ctx context.Context, c Config) error {
	const exists = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	name := c.Name
	c.Name = "postgres" // initdb makes it on every server
	pool, err := openAsLogin(c)
	if err != nil {
		return err
	}
	defer func() { _ = pool.Close() }()
	if found, err := ask(ctx, pool.DB, exists, name); err != nil || found {
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
	pool, err := openAsLogin(c)
	if err != nil {
		return false, err
	}
	defer func() { _ = pool.Close() }()
	var empty bool
	err = pool.GetContext(ctx, &empty, noTables)
	return empty, Classify(err)
}

// openAsLogin is for what comes before the service's own schema; c.Schema may be left out.
func openAsLogin(c Config) (*sqlx.DB, error) {
	setDefault(&c.Schema, "public")
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	c.MaxOpen = 1
	return openPool(c, c.dsn(readWrite, c.ownerOptions(), c.Hosts...), false)
}
