package main_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/eventually"
)

// servers are a PostgreSQL and a Redis that the program is given.
func servers(t *testing.T) (database, redis []string) {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	pg, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: filepath.Join(t.TempDir(), "postgres"), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	r, err := embedded.StartRedis(t.Context(), embedded.RedisOptions{Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.Background() // the test's has ended
		if err := errors.Join(r.Stop(ctx), pg.Stop(ctx)); err != nil {
			t.Error(err)
		}
	})
	database = []string{
		"DATABASE_HOST=127.0.0.1", fmt.Sprintf("DATABASE_PORT=%d", pg.HostPort().Port), "DATABASE_SSLMODE=disable",
		"DATABASE_USERNAME=" + pg.Username(), "DATABASE_PASSWORD=" + pg.Password().Value(), "DATABASE_NAME=postgres",
	}
	redis = []string{"REDIS_HOST=127.0.0.1", fmt.Sprintf("REDIS_PORT=%d", r.Addr().Port), "REDIS_PASSWORD=" + r.Password().Value()}
	return database, redis
}

func TestServersThatAreGivenAreUsedAndLeftRunning(t *testing.T) {
	t.Parallel()
	database, redis := servers(t)
	dir, elsewhere := t.TempDir(), t.TempDir()
	given := slices.Concat(database, redis)
	p := start(t, dir, given...)
	account := demoAccount(t, p)
	if pid := postmaster(t, dir); pid != 0 {
		t.Errorf("started a PostgreSQL of its own (pid %d)", pid)
	}
	p.stop()

	p = start(t, dir, given...) // still there, and the account with it
	if again := demoAccount(t, p); again != account {
		t.Errorf("the account is %q, was %q", again, account)
	}
	p.stop()

	p = start(t, elsewhere, given...) // another folder knows no account of this database, which is not empty
	if strings.Contains(p.stdout(), "Demo account") {
		t.Errorf("a second account was made: %s", p.stdout())
	}
	eventually.True(t, "it says that it is well", func() bool { // the gateway asks each service in its turn
		status, body := p.get("/health")
		return status == http.StatusOK && strings.Contains(body, `"status":"ok"`)
	})
	p.stop()
}

func TestADatabaseThatRefusesIsToldWithItsReason(t *testing.T) {
	t.Parallel()
	database, _ := servers(t)
	for name, c := range map[string]struct{ setting, want string }{
		"a wrong password":       {"DATABASE_PASSWORD=wrong", "password authentication failed"},
		"a database that is not": {"DATABASE_NAME=nowhere", `database "nowhere" does not exist`},
		"a name of no host":      {"DATABASE_HOST=nowhere.invalid", "nowhere.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := launch(t, t.TempDir(), slices.Concat(database, []string{c.setting})...)
			p.refuses("PostgreSQL at ", c.want, "correct the DATABASE_ settings")
		})
	}
}
