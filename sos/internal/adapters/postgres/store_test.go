package postgres_test

import (
	"testing"
	"time"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// patience is for machines on which many tests run at once.
const patience = 20 * time.Second

func open(tb testing.TB, c shared.Config, reach time.Duration) *postgres.Store {
	tb.Helper()
	store, _ := openBoth(tb, c, reach)
	return store
}

func openBoth(tb testing.TB, c shared.Config, reach time.Duration) (*postgres.Store, *shared.DB) {
	tb.Helper()
	pulse := &postgres.Pulse{}
	c.BinaryParameters, c.Observe = true, pulse.Observe
	db, err := shared.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	store, err := postgres.NewStore(postgres.Config{DB: db, Pulse: pulse, Reach: reach})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	return store, db
}

func confirmations(tb testing.TB, db *shared.DB) *postgres.Confirmations {
	tb.Helper()
	made := postgres.NewConfirmations(db)
	tb.Cleanup(func() { _ = made.Close() })
	return made
}

func fresh(tb testing.TB) shared.Config {
	tb.Helper()
	return pgtest.Config(tb, postgres.Schema, postgres.Migrations())
}

func TestTheStoreKeepsTheContracts(t *testing.T) {
	t.Parallel()
	portstest.Run(t, func(t *testing.T) portstest.Store {
		store, db := openBoth(t, fresh(t), patience)
		return struct {
			*postgres.Store
			*postgres.Confirmations
		}{store, confirmations(t, db)}
	})
}
