package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/shared/idgen"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func TestNobodyChangesWhatHasHappened(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	s := open(t, c, patience)
	if err := press(t.Context(), s, "ann"); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`UPDATE sos.timeline SET kind = 'resolved'`, `DELETE FROM sos.timeline`, `TRUNCATE sos.timeline`} {
		if err := exec(t, c, statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
}

func TestAnAlertThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	s := open(t, c, patience)
	contact(t, s, "ann", "mum")
	contact(t, s, "ben", "mum")
	for _, reporter := range []domain.UserID{"ann", "ben"} {
		if err := press(t.Context(), s, reporter); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec(t, c, `UPDATE sos.outbox SET alert = '"nonsense"' WHERE id = (SELECT min(id) FROM sos.outbox)`); err != nil {
		t.Fatal(err)
	}
	claim, err := s.Claim(t.Context(), 10, time.Minute)
	if err != nil || len(claim.Unreadable) != 1 || len(claim.Deliveries) != 1 {
		t.Errorf("%d unreadable, %d to send (%v)", len(claim.Unreadable), len(claim.Deliveries), err)
	}
}

func contact(t *testing.T, s *postgres.Store, owner, user string) {
	t.Helper()
	invited, err := s.Invite(t.Context(), domain.UserID(owner), ports.Repeatable{}, func(book domain.ContactBook, now time.Time) (ports.Invitation, error) {
		c, i, err := book.Invite(domain.ContactID(idgen.NewV7()), domain.InvitationID(idgen.NewV7()), domain.ContactDetails{Name: &user}, now)
		return ports.Invitation{Contact: c, Invitation: i, Token: ports.InviteToken([]byte(fmt.Sprintf("%32s", owner+user)))}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Answer(t.Context(), invited.Token, func(i *domain.InvitedContact, now time.Time) error { return i.Accept(domain.UserID(user), now) }); err != nil {
		t.Fatal(err)
	}
}

func TestAnAlarmWakesEveryInstance(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	here, elsewhere := open(t, c, patience), open(t, c, patience)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	group.Go(func() { _ = elsewhere.Listen(ctx) })
	<-elsewhere.Woken() // it listens
	contact(t, here, "ann", "mum")
	if err := press(t.Context(), here, "ann"); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*postgres.Store{"here": here, "elsewhere": elsewhere} {
		select {
		case <-s.Woken():
		case <-time.After(20 * time.Second):
			t.Errorf("nobody was woken %s", name)
		}
	}
}

func TestCommandsAndTimersAtOnceEndEveryCountdownInOneWay(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	s := open(t, c, patience)
	var ids []domain.TicketID
	for i := range 40 {
		at := ports.PressAddress{ID: domain.PressID(idgen.NewV7()), Reporter: domain.UserID(fmt.Sprint("user", i))}
		made, err := s.Press(t.Context(), at, func(desk domain.Desk) (*domain.Case, bool, error) {
			return domain.Open(domain.TicketID(at.ID), domain.Press{Reporter: at.Reporter, Countdown: time.Millisecond}, desk), false, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.Ticket.ID)
	}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for id := domain.TicketID("first"); id != ""; {
				var err error
				if id, err = s.Fire(t.Context(), nil, func(c *domain.Case, now time.Time) error { return c.CountdownOver(now) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, id := range ids {
		group.Go(func() {
			_, err := s.Update(t.Context(), id, ports.Repeatable{}, func(c *domain.Case, now time.Time) error {
				return c.Cancel(domain.Actor{User: c.Ticket.Reporter.ID, Roles: domain.Reporter}, "", now)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, id := range ids {
		got, err := s.Ticket(t.Context(), id)
		if err != nil || got.Ticket.Status != domain.Cancelled {
			t.Errorf("%s (%v)", got.Ticket.Status, err)
		}
	}
	var timers int
	if err := pgtest.Admin(t, c).QueryRow(`SELECT count(*) FROM sos.timers`).Scan(&timers); err != nil || timers != 0 {
		t.Errorf("%d timers are left (%v)", timers, err)
	}
}

func TestTheLedgerKeepsRevocations(t *testing.T) {
	t.Parallel()
	s := open(t, fresh(t), patience)
	if revision, items, err := s.Load(t.Context(), time.Hour); revision != 0 || len(items) != 0 || err != nil {
		t.Fatalf("%d, %v, %v", revision, items, err)
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	items := []token.Revocation{{Revision: 1, SessionID: "s", UserID: "u", At: now}, {Revision: 2, UserID: "u", Before: &now, At: now}}
	for range 2 {
		if err := s.Keep(t.Context(), 2, items); err != nil {
			t.Fatal(err)
		}
	}
	// Auth's database was restored: the revision comes again for somebody else.
	again := token.Revocation{Revision: 1, SessionID: "other", UserID: "v", At: now}
	old := token.Revocation{Revision: 3, SessionID: "old", UserID: "v", At: now.Add(-2 * time.Hour)}
	if err := s.Keep(t.Context(), 1, []token.Revocation{again, old}); err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(t.Context(), 1, nil); err != nil {
		t.Fatal(err)
	}
	revision, kept, err := s.Load(t.Context(), time.Hour)
	if err != nil || revision != 1 {
		t.Errorf("revision %d (%v)", revision, err)
	}
	byKey := map[string]token.Revocation{}
	for _, r := range kept {
		byKey[fmt.Sprint(r.Revision, r.SessionID)] = r
	}
	if diff := cmp.Diff(map[string]token.Revocation{"1s": items[0], "2": items[1], "1other": again}, byKey); diff != "" {
		t.Error(diff)
	}
}

func TestTheMigrationsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	if err := shared.MigrateDown(t.Context(), c, postgres.Migrations(), 0); err != nil {
		t.Fatal(err)
	}
	if err := shared.Migrate(t.Context(), c, postgres.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := press(t.Context(), open(t, c, patience), "ann"); err != nil {
		t.Error(err)
	}
}

func TestAStoreNeedsADatabase(t *testing.T) {
	t.Parallel()
	if _, err := postgres.NewStore(postgres.Config{}); err == nil {
		t.Error("made of nothing")
	}
}
