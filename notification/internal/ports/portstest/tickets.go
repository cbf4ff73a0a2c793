package portstest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

// Tickets tests an adapter of ports.Tickets.
func Tickets(t *testing.T, open func(*testing.T) ports.Tickets) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, ports.Tickets){
		"a ticket opens once, for whom it was issued": ticketOnce,
		"of many who redeem at once one succeeds":     ticketRace,
		"a ticket runs out":                           ticketRunsOut,
	})
}

func principal() domain.Principal {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)
	return domain.Principal{User: newUser(), Session: domain.SessionID(idgen.NewV7()), Role: "USER", IssuedAt: at, ExpiresAt: at.Add(time.Hour)}
}

func issue(t *testing.T, tickets ports.Tickets, ttl time.Duration) (string, domain.Principal) {
	t.Helper()
	ticket, p := idgen.NewV7(), principal()
	if err := tickets.Issue(t.Context(), ticket, p, ttl); err != nil {
		t.Fatalf("issue: %v", err)
	}
	return ticket, p
}

func ticketOnce(t *testing.T, tickets ports.Tickets) {
	ticket, p := issue(t, tickets, long)
	other, _ := issue(t, tickets, long)
	if got, err := tickets.Redeem(t.Context(), ticket); err != nil || got != p {
		t.Errorf("redeemed %+v, %v; want %+v", got, err, p)
	}
	for name, bad := range map[string]string{"used": ticket, "unknown": idgen.NewV7(), "empty": ""} {
		if _, err := tickets.Redeem(t.Context(), bad); !errors.Is(err, domain.ErrTicketInvalid) {
			t.Errorf("%s: %v, want ErrTicketInvalid", name, err)
		}
	}
	if _, err := tickets.Redeem(t.Context(), other); err != nil {
		t.Errorf("the other ticket: %v", err)
	}
}

func ticketRace(t *testing.T, tickets ports.Tickets) {
	ticket, _ := issue(t, tickets, long)
	var opened atomic.Int32
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := tickets.Redeem(t.Context(), ticket); err == nil {
				opened.Add(1)
			}
		})
	}
	group.Wait()
	if opened.Load() != 1 {
		t.Errorf("opened %d times", opened.Load())
	}
}

// ticketRunsOut redeems one after the other of those issued together: looking uses a ticket up.
func ticketRunsOut(t *testing.T, tickets ports.Tickets) {
	var issued []string
	for range 1000 {
		ticket, _ := issue(t, tickets, 200*time.Millisecond)
		issued = append(issued, ticket)
	}
	eventually.True(t, "a ticket runs out", func() bool {
		_, err := tickets.Redeem(t.Context(), issued[0])
		issued = issued[1:]
		return errors.Is(err, domain.ErrTicketInvalid)
	})
}
