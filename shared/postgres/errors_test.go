package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/postgres"
)

func TestConstraintsAreToldApartByName(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	exec(t, db, insertNote, "once")
	_, twice := db.Primary().ExecContext(t.Context(), insertNote, "once")
	_, unknown := db.Primary().ExecContext(t.Context(), `INSERT INTO notes (author, note) VALUES ('nobody', 'x')`)
	for name, test := range map[string]struct{ got, want bool }{
		"the unique one":                 {postgres.IsUnique(fmt.Errorf("add: %w", twice), "notes_note_once"), true},
		"another unique one":             {postgres.IsUnique(twice, "notes_pkey"), false},
		"the foreign key":                {postgres.IsForeignKey(unknown, "notes_author_known"), true},
		"a unique one is no foreign key": {postgres.IsForeignKey(twice, "notes_note_once"), false},
		"no error is no violation":       {postgres.IsUnique(nil, "notes_note_once"), false},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v", name, test.got)
		}
	}
	if postgres.Classify(twice) != twice { //nolint:errorlint // untouched
		t.Error("Classify changed a violation")
	}
}

func TestClassifyMakesWhatWillPassUnavailableAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	coded := func(code string) error { return &pq.Error{Code: pqerror.Code(code)} }
	domain := fault.New(fault.Conflict, "taken", "")
	for name, test := range map[string]struct {
		err    error
		passes bool
	}{
		"nothing":                           {nil, false},
		"no row":                            {sql.ErrNoRows, false},
		"a domain error":                    {domain, false},
		"a domain error with such a cause":  {domain.WithCause(coded("57P01")), false},
		"a caller who left":                 {context.Canceled, false},
		"a deadline":                        {context.DeadlineExceeded, true},
		"connection failure":                {coded("08006"), true},
		"read-only":                         {coded("25006"), true},
		"admin shutdown":                    {coded("57P01"), true},
		"crash shutdown":                    {coded("57P02"), true},
		"cannot connect now":                {coded("57P03"), true},
		"too many connections":              {coded("53300"), true},
		"disk full":                         {coded("53100"), true},
		"out of memory":                     {coded("53200"), true},
		"a file cannot be written":          {coded("58030"), true},
		"a file is gone":                    {coded("58P01"), true},
		"lock time-out":                     {coded("55P03"), true},
		"deadlock that outlasted the retry": {coded("40P01"), true},
		"unique violation":                  {coded("23505"), false},
		"undefined table":                   {coded("42P01"), false},
		"wrong password":                    {coded("28P01"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.passes {
				wrapped := fmt.Errorf("load the notes: %w", test.err)
				wantUnavailable(t, postgres.Classify(wrapped))
				if !errors.Is(postgres.Classify(wrapped), test.err) {
					t.Error("the cause is lost")
				}
			} else if got := postgres.Classify(test.err); got != test.err { //nolint:errorlint // untouched
				t.Errorf("got %v", got)
			}
		})
	}
}
