package postgres_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// replicated is a store on a primary and its replicas.
type replicated struct {
	*postgres.Store
	t   *testing.T
	set *pgtest.ReplicaSet
}

func newReplicated(t *testing.T, replicas int) *replicated {
	t.Helper()
	set := pgtest.NewReplicaSet(t, replicas, postgres.Schema, postgres.Migrations)
	db, err := database.Open(t.Context(), set.Config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &replicated{postgres.NewStore(db), t, set}
}

// insert tells the user of the events, and goes on until the database takes it.
func (r *replicated) insert(user domain.UserID, events ...string) (fresh []domain.Notification) {
	r.t.Helper()
	var entries []domain.Entry
	for _, event := range events {
		d := &domain.Draft{EventID: event, Category: domain.SOS, Priority: domain.High, Title: event, Data: json.RawMessage(`{"kind":"x"}`), CreatedAt: time.Now()}
		entries = append(entries, domain.Entry{ID: domain.NotificationID(idgen.V5(string(user), event)), User: user, Draft: d})
	}
	eventually.True(r.t, "the database takes it", func() bool {
		var err error
		fresh, err = r.Insert(r.t.Context(), entries)
		return err == nil
	})
	return fresh
}

// cutOff ends the server's streaming: what is committed from now on it never gets.
func cutOff(t *testing.T, s *pgtest.Server) {
	t.Helper()
	admin := s.Admin()
	for _, statement := range []string{"ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"} {
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	eventually.True(t, "it streams no more", func() bool {
		var streaming int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_wal_receiver`).Scan(&streaming)
		return err == nil && streaming == 0
	})
}

// has waits until the server shows so many notifications of the user.
func has(t *testing.T, s *pgtest.Server, user domain.UserID, n int) {
	t.Helper()
	admin := s.Admin()
	eventually.True(t, "it is replicated", func() bool {
		var count int
		err := admin.QueryRowContext(t.Context(), `SELECT count(*) FROM notification.notifications WHERE user_id = $1`, string(user)).Scan(&count)
		return err == nil && count == n
	})
}

func TestASeqThatWasLostWithAPrimaryIsGivenToNothingElse(t *testing.T) {
	t.Parallel()
	r := newReplicated(t, 1)
	ana, ben, standby := domain.UserID(idgen.NewV7()), domain.UserID(idgen.NewV7()), r.set.Servers[1]
	r.insert(ana, "a", "b")
	has(t, standby, ana, 2)
	cutOff(t, standby)
	lost := r.insert(ana, "lost", "lost too") // committed, and seen by the user
	if lost[0].Seq != 3 || lost[1].Seq != 4 {
		t.Fatalf("the seqs before: %d, %d", lost[0].Seq, lost[1].Seq)
	}
	r.set.Servers[0].Kill()
	standby.Promote()

	next := r.insert(ana, "next", "lost", "after") // whoever sent what is lost sends it again
	if !lost[1].Seq.Leaps(next[0].Seq) {
		t.Errorf("seq %d was shown, and the next is %d", lost[1].Seq, next[0].Seq)
	}
	if next[1].Seq != next[0].Seq+1 || next[2].Seq != next[0].Seq+2 || next[2].Seq >= 1<<53 {
		t.Errorf("then the seqs go on %d, %d, %d", next[0].Seq, next[1].Seq, next[2].Seq)
	}
	if next[1].ID != lost[0].ID {
		t.Error("the same event has another id now: devices would show it twice")
	}
	if again := r.insert(ana, "later"); again[0].Seq != next[2].Seq+1 {
		t.Errorf("and then %d", again[0].Seq)
	}
	if first := r.insert(ben, "first"); first[0].Seq < next[0].Seq {
		t.Errorf("an inbox that is new, or was lost, begins at %d", first[0].Seq)
	}
	backlog, err := r.Since(t.Context(), ana, lost[1].Seq, next[2].Seq+1, 100)
	if err != nil || len(backlog.Items) != 4 {
		t.Errorf("who resumes after the last one shown gets %d, %v", len(backlog.Items), err)
	}
}

// Two replicas that take over one after the other, neither of which knows of
// the other's history: both call theirs the second.
func TestHistoriesThatDoNotKnowEachOtherShareNoSeq(t *testing.T) {
	t.Parallel()
	r := newReplicated(t, 2)
	ana := domain.UserID(idgen.NewV7())
	given := map[domain.Seq]string{}
	note := func(fresh []domain.Notification) {
		for _, n := range fresh {
			if was, twice := given[n.Seq]; twice {
				t.Errorf("seq %d was given to %s and to %s", n.Seq, was, n.Title)
			}
			given[n.Seq] = n.Title
		}
	}
	note(r.insert(ana, "1"))
	for _, replica := range r.set.Servers[1:] {
		has(t, replica, ana, 1)
		cutOff(t, replica)
	}
	for n, replica := range r.set.Servers[1:] {
		note(r.insert(ana, fmt.Sprint("before ", n)))
		r.set.Servers[n].Kill()
		began := time.Now().Unix()
		eventually.True(t, "the clock has moved on by a second", func() bool { return time.Now().Unix() > began })
		replica.Promote()
		note(r.insert(ana, fmt.Sprint("after ", n), fmt.Sprint("after that ", n)))
	}
}

func TestTheFirstTransactionsOfAHistoryAgreeOnItsNumbering(t *testing.T) {
	t.Parallel()
	r := newReplicated(t, 1)
	ana := domain.UserID(idgen.NewV7())
	r.insert(ana, "before")
	has(t, r.set.Servers[1], ana, 1)
	r.set.Servers[0].Kill()
	r.set.Servers[1].Promote()
	const users = 20
	seqs := make(chan domain.Seq, users)
	for n := range users {
		go func() { seqs <- r.insert(domain.UserID(idgen.NewV7()), fmt.Sprint(n))[0].Seq }()
	}
	first := <-seqs
	for range users - 1 {
		if seq := <-seqs; seq != first {
			t.Errorf("one begins at %d, another at %d", first, seq)
		}
	}
}
