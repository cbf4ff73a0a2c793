package postgres_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

// diaryFiles are the migrations of a small schema of authors and their notes.
func diaryFiles() fstest.MapFS {
	return fstest.MapFS{
		"0001_authors.sql": {Data: []byte(`-- +goose Up
CREATE TABLE authors (name text PRIMARY KEY);
-- +goose Down
DROP TABLE authors;
`)},
		"0002_notes.sql": {Data: []byte(`-- +goose Up
CREATE TABLE notes (
	id bigserial PRIMARY KEY,
	author text NOT NULL CONSTRAINT notes_author_known REFERENCES authors (name),
	note text NOT NULL CONSTRAINT notes_note_once UNIQUE
);
INSERT INTO authors (name) VALUES ('ada');
-- +goose Down
DROP TABLE notes;
DELETE FROM authors;
`)},
	}
}

const insertNote = `INSERT INTO notes (author, note) VALUES ('ada', $1)`

func newDiary(t *testing.T) *postgres.DB {
	t.Helper()
	return pgtest.New(t, "diary", diaryFiles())
}

// openDiary is newDiary with settings of its own, and gives them.
func openDiary(t *testing.T, change func(*postgres.Config)) (*postgres.DB, postgres.Config) {
	t.Helper()
	c := pgtest.Config(t, "diary", diaryFiles())
	change(&c)
	return open(t, c), c
}

func open(t *testing.T, c postgres.Config) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *postgres.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Primary().ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func get[T any](t *testing.T, db *postgres.DB, query string, args ...any) T {
	t.Helper()
	var got T
	if err := db.Primary().GetContext(t.Context(), &got, query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

func countNotes(t *testing.T, db *postgres.DB) int {
	t.Helper()
	return get[int](t, db, `SELECT count(*) FROM notes`)
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if e := fault.From(err); e == nil || e.Kind != fault.Unavailable || e.RetryAfter != time.Second {
		t.Fatalf("got %v, want 503 unavailable with Retry-After 1", err)
	}
}

// terminate ends the sessions of c's database for which where is true, and says how many.
func terminate(t *testing.T, admin *pgtest.AdminConn, where string) int {
	t.Helper()
	var n int
	err := admin.QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND `+where).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
