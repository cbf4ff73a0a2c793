package portstest

import (
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func updateTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a change of no ticket fails":                            changeOfNothing,
		"a change that fails leaves nothing":                     failedChange,
		"a change without an event is not stored":                quietChange,
		"changes at once are all kept":                           changesAtOnce,
		"a second open ticket of the same kind is refused":       secondOpenTicket,
		"a repeated request changes nothing":                     repeatedChange,
		"the key of a request stands for that request":           keyReused,
		"a request that failed may be sent again under its key":  keyOfFailure,
		"the clock of changes moves on and is the same for each": clock,
	}
}

func changeOfNothing(t *testing.T, b bench) {
	_, err := b.Update(t.Context(), domain.TicketID(newID()), ports.Repeatable{}, cancel)
	mustFail(t, err, domain.ErrTicketNotFound)
}

func failedChange(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	refusal := errors.New("no")
	_, err := b.Update(t.Context(), c.Ticket.ID, ports.Repeatable{}, func(c *domain.Case, now time.Time) error {
		return errors.Join(cancel(c, now), refusal)
	})
	mustFail(t, err, refusal)
	if got, _ := b.Ticket(t.Context(), c.Ticket.ID); got.Ticket.Status != domain.Pending || got.Ticket.Version != 1 {
		t.Errorf("stored: %s, version %d", got.Ticket.Status, got.Ticket.Version)
	}
}

func quietChange(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	b.update(c.Ticket.ID, func(c *domain.Case, _ time.Time) error {
		c.Ticket.Description = "not an event"
		return nil
	})
	if got, _ := b.Ticket(t.Context(), c.Ticket.ID); got.Ticket.Description != "" || got.Ticket.Version != 1 {
		t.Errorf("stored: %q, version %d", got.Ticket.Description, got.Ticket.Version)
	}
}

func changesAtOnce(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	const n = 20
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if _, err := b.Update(t.Context(), c.Ticket.ID, ports.Repeatable{}, comment); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	events := b.timeline(c.Ticket.ID)
	if got, _ := b.Ticket(t.Context(), c.Ticket.ID); got.Ticket.Version != 1+n || len(events) != 2+n {
		t.Errorf("version %d with %d events", got.Ticket.Version, len(events))
	}
	for i, e := range events {
		if e.Seq != i+1 {
			t.Fatalf("event %d has number %d", i+1, e.Seq)
		}
	}
}

func secondOpenTicket(t *testing.T, b bench) {
	first, _ := b.press(address("ann"), domain.Press{})
	b.update(first.Ticket.ID, cancel)
	b.press(address("ann"), domain.Press{})
	_, err := b.Update(t.Context(), first.Ticket.ID, ports.Repeatable{}, func(c *domain.Case, now time.Time) error { return c.Reopen(reporter(c), "", now) })
	mustFail(t, err, domain.ErrOpenTicketExists)
	if got, _ := b.Ticket(t.Context(), first.Ticket.ID); got.Ticket.Status != domain.Cancelled {
		t.Errorf("stored: %s", got.Ticket.Status)
	}
}

func request(key, body string) ports.Repeatable {
	return ports.Repeatable{Caller: "ann", Route: "POST /comment", Key: key, Body: sha256.Sum256([]byte(body))}
}

func repeatedChange(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	for range 2 {
		got, err := b.Update(t.Context(), c.Ticket.ID, request("k", "words"), comment)
		if err != nil || got.Ticket.Version != 2 {
			t.Fatalf("version %d (%v)", got.Ticket.Version, err)
		}
	}
	if got, err := b.Update(t.Context(), c.Ticket.ID, request("other", "words"), comment); err != nil || got.Ticket.Version != 3 {
		t.Errorf("under another key: version %d (%v)", got.Ticket.Version, err)
	}
}

func keyReused(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	if _, err := b.Update(t.Context(), c.Ticket.ID, request("k", "words"), comment); err != nil {
		t.Fatal(err)
	}
	_, err := b.Update(t.Context(), c.Ticket.ID, request("k", "other words"), comment)
	mustFail(t, err, domain.ErrKeyReused)
}

func keyOfFailure(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	refusal := errors.New("no")
	_, err := b.Update(t.Context(), c.Ticket.ID, request("k", "words"), func(*domain.Case, time.Time) error { return refusal })
	mustFail(t, err, refusal)
	if got, err := b.Update(t.Context(), c.Ticket.ID, request("k", "words"), comment); err != nil || got.Ticket.Version != 2 {
		t.Errorf("version %d (%v)", got.Ticket.Version, err)
	}
}

func clock(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	last := c.Ticket.CreatedAt
	for range 3 {
		c = b.update(c.Ticket.ID, comment)
		if c.Ticket.UpdatedAt.Before(last) || c.Ticket.UpdatedAt.Location() != time.UTC || time.Since(c.Ticket.UpdatedAt).Abs() > time.Minute {
			t.Fatalf("changed at %v after %v", c.Ticket.UpdatedAt, last)
		}
		last = c.Ticket.UpdatedAt
	}
}
