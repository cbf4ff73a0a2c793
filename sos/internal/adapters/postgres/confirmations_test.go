package postgres_test

import (
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func TestConfirmationsThatNobodyAsksForAnyMoreGo(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	store, db := openBoth(t, c, patience)
	asking := confirmations(t, db)
	at := ports.PressAddress{ID: domain.PressID(idgen.NewV7()), Reporter: "ann"}
	if _, err := store.Press(t.Context(), at, func(desk domain.Desk) (*domain.Case, bool, error) {
		taking, err := desk.Take(at.ID, domain.Press{Reporter: at.Reporter, Type: domain.OtherType})
		return taking.Case, taking.Merged, err
	}); err != nil {
		t.Fatal(err)
	}
	if err := exec(t, c, `INSERT INTO sos.confirmations (ticket_id, at) SELECT gen_random_uuid(), now() - make_interval(hours => 12 * n) FROM generate_series(1, 5) n`); err != nil {
		t.Fatal(err)
	}
	if got, err := asking.Confirm(t.Context(), []domain.PressID{at.ID}); err != nil || len(got.Stored) != 1 {
		t.Fatalf("stored %v (%v)", got.Stored, err)
	}
	var kept, old int
	err := pgtest.Admin(t, c).QueryRow(`SELECT count(*), count(*) FILTER (WHERE at < now() - interval '1 day') FROM sos.confirmations`).Scan(&kept, &old)
	if err != nil || kept != 2 || old != 0 {
		t.Errorf("%d are kept, %d of them old (%v)", kept, old, err)
	}
}
