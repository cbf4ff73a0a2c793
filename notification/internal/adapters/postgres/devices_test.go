package postgres_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/token"
)

func TestDevices(t *testing.T) {
	t.Parallel()
	portstest.Devices(t, func(t *testing.T) ports.Devices {
		return postgres.NewDevices(pgtest.New(t, postgres.Schema, postgres.Migrations))
	})
}

func TestTheLedgerKeepsWhatItWasToldForAsLongAsItCounts(t *testing.T) {
	t.Parallel()
	ledger := postgres.NewLedger(pgtest.New(t, postgres.Schema, postgres.Migrations), time.Hour)
	if revision, items, err := ledger.Load(t.Context(), time.Hour); err != nil || revision != 0 || len(items) > 0 {
		t.Fatalf("at first: %d %v %v", revision, items, err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	before := now.Add(-time.Minute)
	recent := token.Revocation{Revision: 7, SessionID: "s", UserID: "u", At: now}
	cut := token.Revocation{Revision: 8, UserID: "u", Before: &before, At: now}
	old := token.Revocation{Revision: 6, SessionID: "old", UserID: "u", At: now.Add(-2 * time.Hour)}
	for range 2 { // every instance tells it
		if err := ledger.Keep(t.Context(), 8, []token.Revocation{recent, cut, old}); err != nil {
			t.Fatal(err)
		}
	}
	if err := ledger.Keep(t.Context(), 9, nil); err != nil {
		t.Fatal(err)
	}
	revision, items, err := ledger.Load(t.Context(), time.Hour)
	if err != nil || revision != 9 || len(items) != 2 {
		t.Fatalf("kept: %d %+v %v", revision, items, err)
	}
	for _, got := range items {
		switch {
		case got == recent:
		case got.Before != nil && got.Before.Equal(before) && got.Revision == 8 && got.At.Equal(now):
		default:
			t.Errorf("kept %+v", got)
		}
	}
}

func TestWhatTheLedgerHearsOfEndsDevices(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, postgres.Schema, postgres.Migrations)
	devices, ledger := postgres.NewDevices(db), postgres.NewLedger(db, time.Hour)
	user := domain.UserID(idgen.NewV7())
	for _, session := range []domain.SessionID{"ends", "stays"} {
		_, err := devices.Register(t.Context(), domain.Device{
			ID: domain.DeviceID(idgen.NewV7()), User: user, Session: session, Installation: string(session),
			Provider: domain.FCM, Token: string(session), CreatedAt: time.Now(), RefreshedAt: time.Now(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := ledger.Keep(t.Context(), 1, []token.Revocation{{Revision: 1, SessionID: "ends", UserID: string(user), At: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	if left, err := devices.OfUser(t.Context(), user); err != nil || len(left) != 1 || left[0].Session != "stays" {
		t.Errorf("left %+v, %v", left, err)
	}
}
