package postgres_test

import (
	"testing"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(tb testing.TB, configure func(*shared.Config)) *postgres.Store {
	tb.Helper()
	c := pgtest.Config(tb, postgres.Schema, postgres.Migrations())
	c.BinaryParameters = true
	if configure != nil {
		configure(&c)
	}
	db, err := shared.Open(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	store, err := postgres.NewStore(db)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

func TestTheStoreKeepsTheContracts(t *testing.T) {
	t.Parallel()
	portstest.Run(t, func(t *testing.T) portstest.Store { return open(t, nil) })
}
