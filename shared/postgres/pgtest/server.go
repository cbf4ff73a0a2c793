package pgtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"

	"github.com/lib/pq"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/postgres"
)

// server is the one of this test binary. New has no other way to find it than
// a variable of the package; it starts at the first use and Main stops it.
var server = &cluster{templates: map[string]*template{}}

type cluster struct {
	mu        sync.Mutex
	open      bool // Main is running the tests
	dir       string
	postgres  *embedded.Postgres
	admin     *sql.DB
	templates map[string]*template
	databases atomic.Int64
}

type template struct {
	once sync.Once
	name string
	err  error
}

var errNoMain = errors.New("this package needs `func TestMain(m *testing.M) { pgtest.Main(m) }`")

// start runs the server if it does not run yet.
func (c *cluster) start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.open:
		return errNoMain
	case c.postgres != nil:
		return nil
	}
	dir, err := newFolder()
	if err != nil {
		return fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	c.dir = dir
	started, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Dir: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	c.postgres = started
	c.admin, err = postgres.OpenLogin(c.config("", "postgres"))
	return err
}

func (c *cluster) stop(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = false
	var errs []error
	if c.admin != nil {
		errs = append(errs, c.admin.Close())
	}
	if c.postgres != nil {
		errs = append(errs, c.postgres.Stop(ctx))
	}
	if c.dir != "" {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}

// clone makes a database from the template of these migrations, which is made at their first use.
func (c *cluster) clone(ctx context.Context, schema string, migrations fs.FS) (postgres.Config, error) {
	if err := c.start(ctx); err != nil {
		return postgres.Config{}, err
	}
	from := "template0"
	if migrations != nil {
		t, err := c.template(ctx, schema, migrations)
		if err != nil {
			return postgres.Config{}, err
		}
		from = t
	}
	name := databaseName(c.databases.Add(1))
	if err := c.create(ctx, name, from); err != nil {
		return postgres.Config{}, err
	}
	return c.config(schema, name), nil
}

func (c *cluster) template(ctx context.Context, schema string, migrations fs.FS) (string, error) {
	key, err := fingerprint(schema, migrations)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	t := c.templates[key]
	if t == nil {
		t = &template{name: fmt.Sprintf("template_%d", len(c.templates)+2)}
		c.templates[key] = t
	}
	c.mu.Unlock()
	t.once.Do(func() {
		if t.err = c.create(ctx, t.name, "template0"); t.err == nil {
			t.err = postgres.Migrate(ctx, c.config(schema, t.name), migrations)
		}
	})
	return t.name, t.err
}

// fingerprint tells migrations apart by what is in them: an fs.FS has no identity.
func fingerprint(schema string, migrations fs.FS) (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%s\n", schema)
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(migrations, path)
		_, _ = fmt.Fprintf(hash, "%s %d %s\n", path, len(text), text)
		return err
	})
	return string(hash.Sum(nil)), err
}

func (c *cluster) create(ctx context.Context, name, from string) error {
	_, err := c.admin.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(name)+" TEMPLATE "+pq.QuoteIdentifier(from))
	if err != nil {
		return fmt.Errorf("create database %s from %s: %w", name, from, err)
	}
	return nil
}

func (c *cluster) drop(ctx context.Context, name string) error {
	_, err := c.admin.ExecContext(ctx, "DROP DATABASE "+pq.QuoteIdentifier(name)+" WITH (FORCE)")
	return err
}

// poolSize is small: many tests share the server's 320 connections.
const poolSize = 10

func (c *cluster) config(schema, name string) postgres.Config {
	made := settings(schema, name)
	made.Hosts = []config.HostPort{c.postgres.HostPort()}
	made.Username, made.Password = c.postgres.Username(), c.postgres.Password()
	return made
}

func settings(schema, name string) postgres.Config {
	return postgres.Config{
		Name:    name,
		SSLMode: "disable",
		Schema:  schema,
		MaxOpen: poolSize,
		Warm:    -1, // a test that needs no connection opens none
		// As every service has it: what is sent as bytes must suit its column.
		BinaryParameters: true, Prepare: true,
	}
}
