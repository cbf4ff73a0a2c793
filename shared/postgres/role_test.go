package postgres_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestTheServicesRoleUsesRowsAndChangesNoDefinitions(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", diaryFiles())
	other := c
	other.Schema, other.Role = "vault", ""
	if err := postgres.Migrate(t.Context(), other, diaryFiles()); err != nil {
		t.Fatal(err)
	}
	db := open(t, c)
	for statement, allowed := range map[string]bool{
		`INSERT INTO notes (author, note) VALUES ('ada', 'x')`:       true,
		`UPDATE notes SET note = 'y' WHERE note = 'x'`:               true,
		`DELETE FROM notes WHERE note = 'y'`:                         true,
		`SELECT note FROM notes`:                                     true,
		`SELECT version_id FROM goose_db_version`:                    true,
		`CREATE TABLE loot (id int)`:                                 false,
		`CREATE TABLE public.loot (id int)`:                          false,
		`CREATE SCHEMA loot`:                                         false,
		`ALTER TABLE notes ADD COLUMN loot int`:                      false,
		`DROP TABLE notes`:                                           false,
		`TRUNCATE notes`:                                             false,
		`CREATE INDEX ON notes (author)`:                             false,
		`CREATE ROLE loot`:                                           false,
		`DELETE FROM goose_db_version`:                               false,
		`SELECT note FROM vault.notes`:                               false,
		`INSERT INTO vault.notes (author, note) VALUES ('ada', 'x')`: false,
		`SELECT rolpassword FROM pg_authid`:                          false,
		`COPY notes TO PROGRAM 'cat'`:                                false,
	} {
		_, err := db.Primary().ExecContext(t.Context(), statement)
		if (err == nil) != allowed {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestALoginThatIsNoSuperuserCanMigrateAndRun(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "modest", nil)
	admin := pgtest.Admin(t, c)
	login := c.Name + "_login"
	for _, statement := range []string{
		`CREATE ROLE %[1]s LOGIN CREATEROLE PASSWORD 'modest'`,
		`GRANT CREATE ON DATABASE %[2]s TO %[1]s`,
	} {
		if _, err := admin.ExecContext(t.Context(), fmt.Sprintf(statement, login, c.Name)); err != nil {
			t.Fatal(err)
		}
	}
	c.Username, c.Password = login, "modest"
	for range 2 { // the second time everything is there
		if err := postgres.Migrate(t.Context(), c, diaryFiles()); err != nil {
			t.Fatal(err)
		}
	}
	db := open(t, c)
	exec(t, db, insertNote, "works")
	if who := get[string](t, db, `SELECT current_user`); who != "modest_service" {
		t.Fatalf("it runs as %s", who)
	}
}

func TestMigratingAgainGivesBackNoRightThatAMigrationTook(t *testing.T) {
	t.Parallel()
	files := diaryFiles()
	files["0003_ledger.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE ledger (line text);\nREVOKE UPDATE, DELETE ON ledger FROM diary_service;\n")}
	c := pgtest.Config(t, "diary", files)
	if err := postgres.Migrate(t.Context(), c, files); err != nil {
		t.Fatal(err)
	}
	db := open(t, c)
	exec(t, db, `INSERT INTO ledger (line) VALUES ('kept')`)
	if _, err := db.Primary().ExecContext(t.Context(), `DELETE FROM ledger`); err == nil {
		t.Fatal("the ledger can shrink")
	}
}

func TestMigratingGrantsWhatAnOlderProgramDidNot(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", diaryFiles())
	if _, err := pgtest.Admin(t, c).ExecContext(t.Context(), `REVOKE ALL ON diary.notes FROM diary_service`); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), c, diaryFiles()); err != nil {
		t.Fatal(err)
	}
	exec(t, open(t, c), insertNote, "works")
}
