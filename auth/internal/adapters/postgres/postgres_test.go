package postgres_test

import (
	"testing"

	"github.com/loveapp/backend/auth/internal/adapters/postgres"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports/portstest"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func newDB(tb testing.TB) *database.DB {
	tb.Helper()
	return pgtest.New(tb, postgres.Schema, postgres.Migrations())
}

func subject(t *testing.T) portstest.Subject {
	t.Helper()
	db := newDB(t)
	exec := func(t *testing.T, statement string, args ...any) {
		t.Helper()
		if _, err := db.Primary().ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	return portstest.Subject{
		Store: postgres.NewStore(db),
		Events: func(t *testing.T) (kinds []domain.AuditKind) {
			t.Helper()
			if err := db.Primary().SelectContext(t.Context(), &kinds, `SELECT kind FROM audit_events ORDER BY id`); err != nil {
				t.Fatal(err)
			}
			return kinds
		},
		SetActive: func(t *testing.T, id domain.UserID, active bool) {
			t.Helper()
			exec(t, `UPDATE users SET active = $2 WHERE id = $1`, string(id), active)
		},
		SetCredentialVersion: func(t *testing.T, id domain.UserID, version int64) {
			t.Helper()
			exec(t, `UPDATE users SET credential_version = $2 WHERE id = $1`, string(id), version)
		},
	}
}

func TestAccounts(t *testing.T)    { t.Parallel(); portstest.Accounts(t, subject) }
func TestSessions(t *testing.T)    { t.Parallel(); portstest.Sessions(t, subject) }
func TestRevocations(t *testing.T) { t.Parallel(); portstest.Revocations(t, subject) }
func TestPost(t *testing.T)        { t.Parallel(); portstest.Post(t, subject) }
func TestErasures(t *testing.T)    { t.Parallel(); portstest.Erasures(t, subject) }

func TestTheJournalCanOnlyGrow(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, postgres.Schema, postgres.Migrations())
	if err := database.Migrate(t.Context(), c, postgres.Migrations()); err != nil { // every start does
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for statement, allowed := range map[string]bool{
		`INSERT INTO audit_events (id, kind, user_id) VALUES (gen_random_uuid(), 'test', gen_random_uuid())`: true,
		`SELECT count(*) FROM audit_events`:       true,
		`UPDATE audit_events SET kind = 'forged'`: false,
		`DELETE FROM audit_events`:                false,
		`TRUNCATE audit_events`:                   false,
		`DROP TABLE audit_events`:                 false,
	} {
		if _, err := db.Primary().ExecContext(t.Context(), statement); (err == nil) != allowed {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, postgres.Schema, postgres.Migrations())
	if err := database.MigrateDown(t.Context(), c, postgres.Migrations(), 0); err != nil {
		t.Fatal(err)
	}
	if err := database.Migrate(t.Context(), c, postgres.Migrations()); err != nil {
		t.Fatal(err)
	}
}

func TestSupervision(t *testing.T) { t.Parallel(); portstest.Supervision(t, subject) }

func TestSecondFactors(t *testing.T) { t.Parallel(); portstest.SecondFactors(t, subject) }

func TestIdentities(t *testing.T) { t.Parallel(); portstest.Identities(t, subject) }
func TestSeals(t *testing.T)      { t.Parallel(); portstest.Seals(t, subject) }

func TestAChangedRecordBreaksItsSeal(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, postgres.Schema, postgres.Migrations())
	db, err := database.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store := postgres.NewStore(db)
	admin := pgtest.Admin(t, c)
	for _, statement := range []string{`UPDATE audit_seals SET hash = ''`, `DELETE FROM audit_seals`, `TRUNCATE audit_seals`} {
		if _, err := db.Primary().ExecContext(t.Context(), statement); err == nil {
			t.Errorf("%s is allowed", statement)
		}
	}
	const add = `INSERT INTO auth.audit_events (id, kind, user_id) VALUES (gen_random_uuid(), 'test', gen_random_uuid())`
	if _, err := admin.ExecContext(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	portstest.SealAll(t, store, 1)
	if found, more, err := store.Recompute(t.Context(), domain.Seal{}); err != nil || !more || !found.Holds() {
		t.Errorf("untouched: %+v, %v", found, err)
	}
	for name, forge := range map[string]string{"a word": `UPDATE auth.audit_events SET kind = 'forged'`, "a row": `DELETE FROM auth.audit_events`} {
		if _, err := admin.ExecContext(t.Context(), forge); err != nil {
			t.Fatal(err)
		}
		if found, more, err := store.Recompute(t.Context(), domain.Seal{}); err != nil || !more || found.Holds() {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}
