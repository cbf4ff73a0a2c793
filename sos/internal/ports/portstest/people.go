package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func peopleTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a name is remembered until it changes": func(t *testing.T, b bench) {
			if _, found, err := b.Name(t.Context(), "ann"); found || err != nil {
				t.Fatalf("found before it was known: %v (%v)", found, err)
			}
			for _, name := range []string{"Ann", "", "Ann B."} {
				if err := b.Remember(t.Context(), "ann", name); err != nil {
					t.Fatal(err)
				}
				got, found, err := b.Name(t.Context(), "ann")
				if err != nil || !found || got.Name != name || got.Age < 0 || got.Age > time.Minute {
					t.Errorf("remembered %+v, %v (%v), want %q", got, found, err, name)
				}
			}
		},
		"open tickets from before a name was known bear it then": lateNames,
	}
}

func lateNames(t *testing.T, b bench) {
	closed, _ := b.press(address("ann"), domain.Press{})
	b.update(closed.Ticket.ID, cancel)
	open, _ := b.press(address("ann"), domain.Press{})
	other, _ := b.press(address("eve"), domain.Press{})
	for _, name := range []string{"", "Ann", "Ann B."} { // once it bears one, it keeps it
		if err := b.Remember(t.Context(), "ann", name); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[domain.TicketID]string{closed.Ticket.ID: "", open.Ticket.ID: "Ann", other.Ticket.ID: ""} {
		if c := b.update(id, func(*domain.Case, time.Time) error { return nil }); c.Ticket.Reporter.Name != want {
			t.Errorf("ticket %s: %q, want %q", id, c.Ticket.Reporter.Name, want)
		}
	}
}
