// Package portstest holds the suites that every adapter of a port runs: what
// the comments of package ports promise.
package portstest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/idgen"
)

// patience is how long a test waits for what happens in its own time.
const patience = 40 * time.Second

func newUser() domain.UserID { return domain.UserID(idgen.NewV7()) }

// draft is one with a new event.
func draft(title string) domain.Draft {
	return domain.Draft{
		EventID: idgen.NewV7(), Category: domain.General, Priority: domain.Medium, Title: title, Body: "Body of " + title,
		Data: json.RawMessage(`{"kind":"test"}`), CreatedAt: time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC),
	}
}

// to addresses a draft.
func to(d domain.Draft, users ...domain.UserID) []domain.Entry {
	entries := make([]domain.Entry, len(users))
	for i, user := range users {
		entries[i] = domain.Entry{ID: domain.NotificationID(idgen.NewV7()), User: user, Draft: &d}
	}
	return entries
}

// several are n notifications for one user, named by number.
func several(user domain.UserID, n int) []domain.Entry {
	var entries []domain.Entry
	for i := range n {
		entries = append(entries, to(draft(fmt.Sprint(i+1)), user)...)
	}
	return entries
}

func seqs(notifications []domain.Notification) []domain.Seq {
	list := []domain.Seq{}
	for _, n := range notifications {
		list = append(list, n.Seq)
	}
	return list
}

// run calls each test of a suite on an adapter of its own.
func run[T any](t *testing.T, open func(*testing.T) T, tests map[string]func(*testing.T, T)) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}
