package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

func erasureTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"of who was erased nothing but the timeline is kept":               erasedAll,
		"an emergency that goes on is over before anything is erased":      erasedLater,
		"who was erased is in nobody's book, and was a contact until then": erasedContact,
	}
}

func (b bench) erase(user string) []domain.Contact {
	b.t.Helper()
	former, err := b.Erase(b.t.Context(), domain.UserID(user))
	if err != nil {
		b.t.Fatalf("erase: %v", err)
	}
	return former
}

func (b bench) finish(quiet time.Duration) (done bool) {
	b.t.Helper()
	done, err := b.FinishErasure(b.t.Context(), quiet)
	if err != nil {
		b.t.Fatalf("finish: %v", err)
	}
	return done
}

// pressedIn is a press with words and a place.
func (b bench) pressedIn(user string) domain.TicketID {
	b.t.Helper()
	c, _ := b.press(address(user), domain.Press{
		Description: "in the red house", Address: "Pariser Platz 1", Location: &domain.Location{Latitude: 52.51632, Longitude: 13.37769},
	})
	return c.Ticket.ID
}

func erasedAll(t *testing.T, b bench) {
	b.contact("ann", "ben")
	b.contact("eve", "ben")
	for _, user := range []string{"ann", "eve"} {
		if err := b.Remember(t.Context(), domain.UserID(user), "Name"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ChangePin(t.Context(), domain.UserID(user), func(p *domain.Pin, _ time.Time) error { p.Hash = "hash"; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	hers, others := b.pressedIn("ann"), b.pressedIn("eve")
	for _, id := range []domain.TicketID{hers, others} {
		b.update(id, cancel)
	}
	lines := len(b.timeline(hers))
	b.erase("ann")
	if !b.finish(0) || b.finish(0) {
		t.Fatal("she is not erased once")
	}
	b.erase("ann")
	if b.finish(0) {
		t.Error("she is erased a second time")
	}
	c, err := b.Ticket(t.Context(), hers)
	if got := c.Ticket; err != nil || got.Reporter.Name != "" || got.Description != "" || got.Address != "" || got.Location == nil || got.Location.Latitude != 52.52 {
		t.Errorf("left: %+v at %+v (%v)", got, got.Location, err)
	}
	if _, known, err := b.Name(t.Context(), "ann"); known || err != nil {
		t.Errorf("her name is known (%v)", err)
	}
	if p, err := b.Pin(t.Context(), "ann"); p.Hash != "" || err != nil {
		t.Errorf("her PIN is kept (%v)", err)
	}
	if n := len(b.page("ann")); n != 0 {
		t.Errorf("%d contacts are kept", n)
	}
	if n := len(b.timeline(hers)); n != lines {
		t.Errorf("the timeline has %d lines of %d", n, lines)
	}
	left, err := b.Ticket(t.Context(), others)
	if p, _ := b.Pin(t.Context(), "eve"); err != nil || left.Ticket.Description == "" || left.Ticket.Address == "" || p.Hash == "" || len(b.page("eve")) != 1 {
		t.Errorf("somebody else's: %+v (%v)", left.Ticket, err)
	}
}

func erasedLater(t *testing.T, b bench) {
	b.contact("ann", "ben")
	id := b.pressedIn("ann")
	b.erase("ann")
	if b.finish(0) {
		t.Fatal("she is erased while she needs help")
	}
	if c, err := b.Ticket(t.Context(), id); err != nil || c.Ticket.Address == "" || len(c.Helpers) != 1 || c.Helpers[0].Withdrawn {
		t.Errorf("nobody can help any more: %+v (%v)", c, err)
	}
	b.update(id, cancel)
	if b.finish(time.Hour) {
		t.Error("she is erased while it may be taken up again")
	}
	if !b.finish(0) {
		t.Error("she is not erased afterwards")
	}
}

func erasedContact(t *testing.T, b bench) {
	made := b.contact("ann", "ben")
	b.contact("ann", "eve")
	id := b.pressedIn("ann")
	former := b.erase("ben")
	if len(former) != 1 || former[0].ID != made.ID || former[0].Owner != "ann" || former[0].User != "ben" {
		t.Errorf("was %+v", former)
	}
	if again := b.erase("ben"); len(again) != 0 {
		t.Errorf("is still %+v", again)
	}
	for _, c := range b.page("ann") {
		if (c.ID == made.ID) != (c.Status == domain.Declined) || c.User == "ben" {
			t.Errorf("in her book: %+v", c)
		}
	}
	c, err := b.Ticket(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range c.Helpers {
		if h.Withdrawn != (h.User == "ben") {
			t.Errorf("helper %+v", h)
		}
	}
}
