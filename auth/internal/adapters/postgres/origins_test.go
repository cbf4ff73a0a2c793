package postgres_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/adapters/postgres"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

const (
	ana  = "018f0000-0000-7000-8000-00000000000a"
	root = "018f0000-0000-7000-8000-00000000000b"
)

// archive is a record that begins with what an older version has written.
type archive struct {
	t     *testing.T
	owner *pgtest.AdminConn
	store *postgres.Store
}

func newArchive(t *testing.T) archive {
	t.Helper()
	c := pgtest.Config(t, postgres.Schema, postgres.Migrations())
	db, err := database.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	a := archive{t, pgtest.Admin(t, c), postgres.NewStore(db)}
	sealing := []domain.SealedEvent{
		{ID: "018f0000-0000-7000-8000-000000000001", Kind: "session.started", User: ana, Data: "{}"},
		{ID: "018f0000-0000-7000-8000-000000000002", Kind: "user.supervised", User: ana, Data: `{"by": "` + root + `"}`},
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000000, time.UTC)
	for _, e := range sealing {
		a.do(`INSERT INTO auth.audit_events (id, at, kind, user_id, ip, user_agent, data) VALUES ($1, $2, $3, $4, '192.0.2.7', 'LoveApp/1.0', $5)`,
			e.ID, at, e.Kind, e.User, e.Data)
	}
	var horizon string
	a.get(&horizon, `SELECT pg_current_xact_id()::text`)
	seal := domain.NextSeal(domain.Seal{}, horizon, domain.FirstForm)
	for _, e := range sealing {
		e.At, e.Within = at, domain.Origin{IP: "192.0.2.7", UserAgent: "LoveApp/1.0"}
		seal.Add(e)
	}
	first := seal.Sum()
	a.do(`INSERT INTO auth.audit_seals (seal, horizon, events, hash) VALUES ($1, $2::xid8, $3, $4)`, first.Number, first.Horizon, first.Events, first.Hash)
	return a
}

func (a archive) do(statement string, args ...any) {
	a.t.Helper()
	if _, err := a.owner.ExecContext(a.t.Context(), statement, args...); err != nil {
		a.t.Fatal(err)
	}
}

func (a archive) get(dst any, query string, args ...any) {
	a.t.Helper()
	if err := a.owner.QueryRowContext(a.t.Context(), query, args...).Scan(dst); err != nil {
		a.t.Fatal(err)
	}
}

func (a archive) first() domain.Recomputed {
	a.t.Helper()
	found, more, err := a.store.Recompute(a.t.Context(), domain.Seal{})
	if err != nil || !more {
		a.t.Fatalf("%v %v", more, err)
	}
	return found
}

// erase is what happens to who has stayed away.
func (a archive) erase(user domain.UserID) {
	a.t.Helper()
	err := a.store.Change(a.t.Context(), func(tx ports.Tx) error {
		if err := tx.Record(a.t.Context(), domain.AuditEvent{ID: "018f0000-0000-7000-8000-00000000000c", At: time.Now(), Kind: domain.AuditErased, User: user}); err != nil {
			return err
		}
		return tx.EraseAccount(a.t.Context(), user, nil)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

func TestWhatAnOlderVersionHasRecordedIsPartedAndItsSealHolds(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	if found := a.first(); !found.Holds() {
		t.Fatalf("before: %+v", found)
	}
	a.do(`SELECT auth.part_audit_origins(pg_current_xact_id())`)
	var within int
	a.get(&within, `SELECT count(*) FROM auth.audit_events WHERE ip <> '' OR user_agent <> ''`)
	if found := a.first(); within != 0 || found.Kept != found.Now || found.Origins != (domain.Origins{}) {
		t.Fatalf("%d within, %+v", within, found)
	}
	a.erase(ana)
	found := a.first()
	if want := (domain.Origins{Erased: 1}); !found.Holds() || found.Origins != want {
		t.Fatalf("erased: %+v", found)
	}
	events, err := a.store.Events(t.Context(), domain.AuditPage{User: ana, Kind: domain.AuditSupervised, Limit: 1})
	if err != nil || len(events) != 1 || events[0].Origin.IP != "192.0.2.7" {
		t.Errorf("the administrator's went along: %+v %v", events, err)
	}
}

func TestCopiesOfAnOlderVersionBesideANewOneBreakNothing(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	a.do(`INSERT INTO auth.audit_events (id, kind, user_id, ip) VALUES (gen_random_uuid(), 'test', $1, '192.0.2.8')`, ana)
	portstest.SealAll(t, a.store, 1)
	second, more, err := a.store.Recompute(t.Context(), a.first().Kept)
	if err != nil || !more || !second.Holds() || second.Kept.Form != domain.SealForm || second.Kept.Events != 1 {
		t.Fatalf("%+v %v", second, err)
	}
}

func TestAnOriginThatIsTakenAwayOrChangedBreaksTheSeal(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]string{
		"changed": `UPDATE auth.audit_origins SET ip = '192.0.2.9' WHERE person = '` + ana + `'`,
		"taken":   `DELETE FROM auth.audit_origins WHERE person = '` + ana + `'`,
		"unsaid":  `UPDATE auth.audit_events SET origin = '' WHERE kind = 'session.started'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArchive(t)
			event := domain.AuditEvent{
				ID: "018f0000-0000-7000-8000-000000000003", At: time.Now(), Kind: domain.AuditSignedIn, User: ana,
				Origin: domain.Origin{IP: "192.0.2.7", UserAgent: "LoveApp/1.0"},
			}
			if err := a.store.Change(t.Context(), func(tx ports.Tx) error { return tx.Record(t.Context(), event) }); err != nil {
				t.Fatal(err)
			}
			portstest.SealAll(t, a.store, 1)
			kept := a.first().Kept
			if found, _, err := a.store.Recompute(t.Context(), kept); err != nil || !found.Holds() {
				t.Fatalf("untouched: %+v %v", found, err)
			}
			a.do(forge)
			if found, _, err := a.store.Recompute(t.Context(), kept); err != nil || found.Holds() {
				t.Errorf("%+v %v", found, err)
			}
		})
	}
}
