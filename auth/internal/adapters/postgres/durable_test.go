package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/adapters/postgres"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// TestASignOutIsCommittedDurably: nothing else waits for a standby.
func TestASignOutIsCommittedDurably(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, postgres.Schema, postgres.Migrations())
	const watch = `
		CREATE TABLE auth.watched (what text, how text);
		GRANT INSERT ON auth.watched TO auth_service;
		CREATE FUNCTION auth.watch() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN INSERT INTO auth.watched VALUES (TG_TABLE_NAME, current_setting('synchronous_commit')); RETURN NULL; END $$;
		CREATE TRIGGER watch AFTER INSERT ON auth.sessions FOR EACH STATEMENT EXECUTE FUNCTION auth.watch();
		CREATE TRIGGER watch AFTER INSERT ON auth.revocations FOR EACH STATEMENT EXECUTE FUNCTION auth.watch();`
	admin := pgtest.Admin(t, c)
	if _, err := admin.ExecContext(t.Context(), watch); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store, now := postgres.NewStore(db), time.Now()
	user := domain.Account{User: domain.User{ID: domain.UserID(idgen.NewV7()), Email: "ana@example.org", Role: domain.RoleUser, Active: true}, CredentialVersion: 1}
	session := domain.Opening{ID: domain.SessionID(idgen.NewV7()), UserID: user.ID, Device: domain.DeviceID(idgen.NewV7()), Salt: []byte("salt")}.Open(now)
	for _, work := range []func(tx ports.Tx) error{
		func(tx ports.Tx) error { return tx.AddUser(t.Context(), user) },
		func(tx ports.Tx) error { return tx.OpenSession(t.Context(), session, 1) },
		func(tx ports.Tx) error {
			_, err := tx.EndSessions(t.Context(), domain.Ending{User: user.ID, Reason: domain.EndedByUser, At: now})
			return err
		},
	} {
		if err := store.Change(t.Context(), work); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	rows, err := admin.QueryContext(t.Context(), `SELECT what, how FROM auth.watched`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var what, how string
		if err := rows.Scan(&what, &how); err != nil {
			t.Fatal(err)
		}
		got[what] = how
	}
	if diff := cmp.Diff(map[string]string{"sessions": "local", "revocations": "on"}, got); diff != "" || rows.Err() != nil {
		t.Fatal(diff, rows.Err())
	}
}
