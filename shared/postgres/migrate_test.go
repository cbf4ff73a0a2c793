package postgres_test

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

const countVersions = `SELECT count(*) FROM goose_db_version WHERE version_id > 0`

func TestCopiesThatStartAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", nil)
	together(t, 6, func(int) error { return postgres.Migrate(t.Context(), c, diaryFiles()) })
	if n := get[int](t, open(t, c), countVersions); n != 2 {
		t.Fatalf("%d versions are recorded", n)
	}
}

func TestDatabasesOfOneServerMigrateSideBySideAlthoughTheyShareTheRole(t *testing.T) {
	t.Parallel()
	const databases, roles = 4, 10 // so many that some are made at the same moment
	var configs [databases]postgres.Config
	for i := range configs {
		configs[i] = pgtest.Config(t, "diary", nil)
	}
	for i := range roles {
		schema := fmt.Sprintf("raced_%d", i)
		together(t, databases, func(i int) error {
			c := configs[i]
			c.Schema = schema
			return postgres.Migrate(t.Context(), c, diaryFiles())
		})
	}
}

// together runs n calls at once.
func together(t *testing.T, n int, call func(i int) error) {
	t.Helper()
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			if err := call(i); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	group.Wait()
}

func TestMigrationsGoDownAndUpAgain(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", diaryFiles())
	if err := postgres.MigrateDown(t.Context(), c, diaryFiles(), 0); err != nil {
		t.Fatal(err)
	}
	db := open(t, c)
	if n := get[int](t, db, `SELECT count(*) FROM pg_tables WHERE schemaname = 'diary' AND tablename <> 'goose_db_version'`); n != 0 {
		t.Fatalf("%d tables are left", n)
	}
	if err := postgres.Migrate(t.Context(), c, diaryFiles()); err != nil {
		t.Fatal(err)
	}
	exec(t, db, insertNote, "again")
}

func TestAnOlderProgramStartsOnANewerSchema(t *testing.T) {
	t.Parallel()
	newer := diaryFiles()
	maps.Copy(newer, fstest.MapFS{"0003_colour.sql": {Data: []byte("-- +goose Up\nALTER TABLE notes ADD COLUMN colour text;\n")}})
	c := pgtest.Config(t, "diary", newer)
	if err := postgres.Migrate(t.Context(), c, diaryFiles()); err != nil {
		t.Fatal(err)
	}
	exec(t, open(t, c), insertNote, "works")
}

func TestAMigrationThatFailsLeavesNothingOfItself(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", diaryFiles())
	broken := diaryFiles()
	broken["0003_broken.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE half (id int);\nSELECT 1/0;\n")}
	if err := postgres.Migrate(t.Context(), c, broken); err == nil {
		t.Fatal("it succeeded")
	}
	if n := get[int](t, open(t, c), countVersions); n != 2 {
		t.Errorf("%d versions are recorded", n)
	}
	if err := postgres.Migrate(t.Context(), c, diaryFiles()); err != nil {
		t.Errorf("the lock is still held: %v", err)
	}
}

func TestMigrationsMayLieInAFolderNamedMigrations(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for name, file := range diaryFiles() {
		files["migrations/"+name] = file
	}
	exec(t, pgtest.New(t, "diary", files), insertNote, "works")
}

func TestMigrateSaysThatTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", nil)
	c.Hosts[0].Port = 1
	wantUnavailable(t, postgres.Migrate(t.Context(), c, diaryFiles()))
}
