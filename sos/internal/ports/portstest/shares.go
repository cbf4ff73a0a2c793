package portstest

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func shareTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a link is found by its token":                   shareFound,
		"a repeated request for a link gives the first":  shareRepeated,
		"links that are good are counted":                sharesCounted,
		"a link is revoked once, by whom it is allowed":  shareRevoked,
		"links are watched many at a time":               sharesWatched,
		"a former contact's link is found no more":       shareOfFormerContact,
		"what is unknown has no link and gets none made": shareUnknown,
	}
}

// share makes a link to the ticket.
func (b bench) share(ticket domain.TicketID, contact domain.ContactID, once ports.Repeatable, seen *int) (ports.NewShare, error) {
	b.t.Helper()
	return b.Share(b.t.Context(), ticket, once, func(c *domain.Case, live int, now time.Time) (ports.NewShare, error) {
		if seen != nil {
			*seen = live
		}
		link, err := c.Share(domain.ShareID(newID()), contact, "Neighbour", live, reporter(c), now)
		return ports.NewShare{Share: link, Token: sha256.Sum256([]byte(link.ID))}, err
	})
}

func shareFound(t *testing.T, b bench) {
	contact := b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{})
	for _, to := range []domain.ContactID{"", contact.ID} {
		made, err := b.share(c.Ticket.ID, to, ports.Repeatable{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := b.Followed(t.Context(), made.Token)
		if err != nil || f.Now.Before(made.Share.CreatedAt) {
			t.Fatalf("followed at %s (%v)", f.Now, err)
		}
		if diff := cmp.Diff(made.Share, f.Share); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(c.Ticket, f.Ticket); diff != "" {
			t.Error(diff)
		}
	}
	links, err := b.Store.Shares(t.Context(), c.Ticket.ID)
	if err != nil || len(links) != 2 || links[0].Share.Contact != contact.ID {
		t.Errorf("listed %+v (%v)", links, err)
	}
}

func shareRepeated(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	first, err := b.share(c.Ticket.ID, "", request("k", "a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.share(c.Ticket.ID, "", request("k", "a"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	_, err = b.share(c.Ticket.ID, "", request("k", "b"), nil)
	mustFail(t, err, domain.ErrKeyReused)
}

func sharesCounted(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	var live int
	for want := range 3 {
		if _, err := b.share(c.Ticket.ID, "", ports.Repeatable{}, &live); err != nil || live != want {
			t.Fatalf("%d links before the %d. (%v)", live, want+1, err)
		}
	}
	links, err := b.Store.Shares(t.Context(), c.Ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Revoke(t.Context(), links[0].Share.ID, func(domain.Case) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := b.share(c.Ticket.ID, "", ports.Repeatable{}, &live); err != nil || live != 2 {
		t.Errorf("%d links after one was revoked (%v)", live, err)
	}
}

func shareRevoked(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	made, err := b.share(c.Ticket.ID, "", ports.Repeatable{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("no")
	mustFail(t, b.Revoke(t.Context(), made.Share.ID, func(domain.Case) error { return refusal }), refusal)
	if f, err := b.Followed(t.Context(), made.Token); err != nil || f.Share.RevokedAt != nil {
		t.Fatalf("revoked all the same (%v)", err)
	}
	var first *time.Time
	for range 2 {
		if err := b.Revoke(t.Context(), made.Share.ID, func(seen domain.Case) error {
			if seen.Ticket.ID != c.Ticket.ID {
				t.Errorf("asked about ticket %s", seen.Ticket.ID)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		f, err := b.Followed(t.Context(), made.Token)
		if err != nil || f.Share.RevokedAt == nil || first != nil && !first.Equal(*f.Share.RevokedAt) {
			t.Fatalf("revoked at %v, before at %v (%v)", f.Share.RevokedAt, first, err)
		}
		first = f.Share.RevokedAt
	}
}

func sharesWatched(t *testing.T, b bench) {
	one, _ := b.press(address("ann"), domain.Press{})
	two, _ := b.press(address("eve"), domain.Press{})
	var ids []domain.ShareID
	for _, c := range []domain.Case{one, two} {
		made, err := b.share(c.Ticket.ID, "", ports.Repeatable{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, made.Share.ID)
	}
	b.update(one.Ticket.ID, cancel)
	found, err := b.Watch(t.Context(), append(ids, domain.ShareID(newID())))
	if err != nil || len(found) != 2 {
		t.Fatalf("found %d (%v)", len(found), err)
	}
	for _, f := range found {
		if want := f.Share.ID == ids[0]; f.Ticket.Status.Closed() != want {
			t.Errorf("link %s: the ticket is %s", f.Share.ID, f.Ticket.Status)
		}
	}
	if none, err := b.Watch(t.Context(), nil); len(none) != 0 || err != nil {
		t.Errorf("nobody watches %+v (%v)", none, err)
	}
}

func shareOfFormerContact(t *testing.T, b bench) {
	mum := b.contact("ann", "mum")
	c, _ := b.press(address("ann"), domain.Press{})
	var links []ports.NewShare
	for _, to := range []domain.ContactID{"", mum.ID} {
		made, err := b.share(c.Ticket.ID, to, ports.Repeatable{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, made)
	}
	if _, err := b.Remove(t.Context(), "ann", mum.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Followed(t.Context(), links[0].Token); err != nil {
		t.Errorf("the link for nobody in particular: %v", err)
	}
	_, err := b.Followed(t.Context(), links[1].Token)
	mustFail(t, err, domain.ErrShareNotFound)
	found, err := b.Watch(t.Context(), []domain.ShareID{links[0].Share.ID, links[1].Share.ID})
	if err != nil || len(found) != 1 || found[0].Share.ID != links[0].Share.ID {
		t.Errorf("watched: %+v (%v)", found, err)
	}
}

func shareUnknown(t *testing.T, b bench) {
	_, err := b.share(domain.TicketID(newID()), "", ports.Repeatable{}, nil)
	mustFail(t, err, domain.ErrTicketNotFound)
	_, err = b.Followed(t.Context(), ports.ShareToken{1, 2, 3})
	mustFail(t, err, domain.ErrShareNotFound)
	mustFail(t, b.Revoke(t.Context(), domain.ShareID(newID()), func(domain.Case) error { return nil }), domain.ErrShareNotFound)
}
