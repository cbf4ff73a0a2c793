package postgres_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
	"github.com/loveapp/backend/sos/internal/ports/portstest"
)

func TestTheStoreForgets(t *testing.T) {
	t.Parallel()
	portstest.RunMemories(t, func(t *testing.T) (portstest.Store, func(domain.TicketID, time.Duration)) {
		c := fresh(t)
		admin := pgtest.Admin(t, c)
		store, db := openBoth(t, c, patience)
		closeEarlier := func(id domain.TicketID, by time.Duration) {
			if _, err := admin.Exec(`UPDATE sos.tickets SET closed_at = closed_at - make_interval(secs => $2) WHERE id = $1`, id, by.Seconds()); err != nil {
				t.Fatal(err)
			}
		}
		both := struct {
			*postgres.Store
			*postgres.Confirmations
		}{store, confirmations(t, db)}
		return both, closeEarlier
	})
}

func TestAnswersThatAreNotGivenAgainAreForgotten(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	s := open(t, c, patience)
	const old = `INSERT INTO sos.answers (caller, route, key, body, answer, at) SELECT 'ann', 'r', n::text, '', '{"email":"mum@example.org"}', now() - n * interval '8 hours' FROM generate_series(1, 5) AS n`
	if err := exec(t, c, old); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 1, 0} { // those of 24, 32 and 40 hours
		done, err := s.Forget(t.Context(), ports.Limits{Place: time.Hour, Phone: time.Hour}, 2, func(string) []byte { return nil })
		if err != nil || done.Answers != want {
			t.Errorf("%d were forgotten, want %d (%v)", done.Answers, want, err)
		}
	}
}

func TestWhoeverChangesATimelineIsFoundOut(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	s := open(t, c, patience)
	if err := press(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Seal(t.Context(), 10); n != 1 || err != nil {
		t.Fatalf("%d (%v)", n, err)
	}
	sealed, err := s.Sealed(t.Context(), "", 10)
	if err != nil || len(sealed) != 1 {
		t.Fatalf("%v (%v)", sealed, err)
	}
	verify := func() error {
		lines, seals, err := s.Chain(t.Context(), sealed[0])
		if err != nil {
			t.Fatal(err)
		}
		return domain.Verify(sealed[0], lines, seals)
	}
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	admin := pgtest.Admin(t, c)
	for _, statement := range []string{`ALTER TABLE sos.timeline DISABLE TRIGGER ALL`, `UPDATE sos.timeline SET actor_name = 'Eve' WHERE seq = 1`} {
		if _, err := admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, broken := errors.AsType[*domain.BrokenSealError](verify()); !broken {
		t.Error("nobody notices")
	}
	for _, statement := range []string{`UPDATE sos.seals SET seq = 1`, `DELETE FROM sos.seals`, `DELETE FROM sos.forgotten`} {
		if exec(t, c, statement) == nil {
			t.Errorf("%s went through", statement)
		}
	}
}

func TestOneInstanceAtATimeSealsAndForgets(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	instances := []interface {
		ports.Seals
		ports.Memories
	}{open(t, c, patience), open(t, c, patience), open(t, c, patience)}
	s := open(t, c, patience)
	for range 30 {
		if err := press(t.Context(), s, domain.UserID(idgen.NewV7())); err != nil {
			t.Fatal(err)
		}
	}
	admin := pgtest.Admin(t, c)
	if _, err := admin.Exec(`UPDATE sos.tickets SET status = 'cancelled', outcome = 'false_alarm', closed_at = now() - interval '100 days', guest_phone = '1'`); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, i := range instances {
		group.Go(func() {
			for range 10 {
				if _, err := i.Seal(t.Context(), 7); err != nil {
					t.Error(err)
				}
				if _, err := i.Forget(t.Context(), ports.Limits{Place: time.Hour, Phone: time.Hour}, 7, func(string) []byte { return []byte{1} }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	for range 10 {
		if _, err := s.Seal(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
	var seals, phones, places int
	const count = `SELECT (SELECT count(*) FROM sos.seals), (SELECT sum(cardinality(tickets)) FROM sos.forgotten WHERE what = 'phone'), (SELECT sum(cardinality(tickets)) FROM sos.forgotten WHERE what = 'place')`
	if err := admin.QueryRow(count).Scan(&seals, &phones, &places); err != nil || seals != 30 || phones != 30 || places != 30 {
		t.Errorf("%d seals, %d numbers and %d places forgotten (%v)", seals, phones, places, err)
	}
}
