package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

// place is an alarm, or what came of it, with where it was.
func place(event, kind, ticket string, users ...domain.UserID) domain.Proposal {
	p := domain.Proposal{
		EventID: event, Category: "sos", Priority: "high", Title: "Ada", Data: json.RawMessage(`{"kind":"` + kind + `","ticketId":"` + ticket + `","location":{"latitude":52.5}}`),
	}
	for _, user := range users {
		p.Users = append(p.Users, string(user))
	}
	return p
}

func TestWhenItIsOverNobodysInboxSaysWhereItWas(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"sos.resolved", "sos.cancelled"} {
		w := newWorld()
		one := w.start(t, quick())
		ana, former := newUser(), newUser()
		for _, p := range []domain.Proposal{place("1", "sos.triggered", "a", ana, former), place("2", "sos.triggered", "b", ana), place("3", "sos.acknowledged", "a", ana)} {
			if _, err := one.Accept(t.Context(), []domain.Proposal{p}); err != nil {
				t.Fatal(err)
			}
		}
		shown := func(user domain.UserID) (tickets string) {
			page, err := w.store.List(t.Context(), user, domain.Filter{}, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range page.Items {
				if strings.Contains(string(n.Data), "location") {
					tickets += strings.Split(string(n.Data), `"ticketId":"`)[1][:1]
				}
			}
			return tickets
		}
		if got := shown(ana) + shown(former); got != "abaa" {
			t.Fatalf("while it lasts there are places of %s", got)
		}
		if _, err := one.Accept(t.Context(), []domain.Proposal{place("4", end, "a", ana)}); err != nil {
			t.Fatal(err)
		}
		if got := shown(ana) + shown(former); got != "b" {
			t.Errorf("after %s there are places of %s, want of b", end, got)
		}
	}
}
