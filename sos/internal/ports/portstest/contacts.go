package portstest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func changing(book domain.ContactBook, id domain.ContactID, d domain.ContactDetails, now time.Time) (domain.Contact, *ports.NewConsent, error) {
	changed, _, err := book.Change(id, d, now)
	return changed, nil, err
}

func (b bench) remove(owner domain.UserID, id domain.ContactID) error {
	_, err := b.Remove(b.t.Context(), owner, id)
	return err
}

func contactTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"new addresses asked at once count for the day's limit":  consentsAtOnce,
		"a contact is stored with every field":                   contactFields,
		"a book is its owner's only":                             booksApart,
		"invitations at once see each other":                     invitationsAtOnce,
		"a repeated invitation is the same one":                  repeatedInvitation,
		"the key of an invitation stands for that invitation":    invitationKeyReused,
		"a removed contact is gone, and so is the invitation":    removed,
		"the invitations of removed contacts still count":        removedStillCounts,
		"a change that fails leaves the contact as it was":       failedContactChange,
		"contacts come page by page":                             contactPages,
		"an answer is stored":                                    answered,
		"an answer that fails leaves the invitation as it was":   failedAnswer,
		"nobody is a contact of one person twice":                twice,
		"one invitation accepted by many at once has one winner": oneWinner,
	}
}

func contactFields(t *testing.T, b bench) {
	name, email, phone, locale, priority := "Mum", "mum@example.com", "+4915112345678", "de", 3
	details := domain.ContactDetails{Name: &name, Email: &email, Phone: &phone, Locale: &locale, Priority: &priority}
	var made domain.Contact
	_, err := b.Invite(t.Context(), "ann", ports.Repeatable{}, func(book domain.ContactBook, now time.Time) (ports.Invitation, error) {
		c, i, err := book.Invite(domain.ContactID(newID()), domain.InvitationID(newID()), details, now)
		made = c
		return ports.Invitation{Contact: c, Invitation: i}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]domain.Contact{made}, b.page("ann")); diff != "" {
		t.Error(diff)
	}
	renamed := "Mother"
	changed, err := b.Change(t.Context(), "ann", func(book domain.ContactBook, now time.Time) (domain.Contact, *ports.NewConsent, error) {
		return changing(book, made.ID, domain.ContactDetails{Name: &renamed}, now)
	})
	if err != nil || changed.Name != renamed {
		t.Fatalf("changed to %+v (%v)", changed, err)
	}
	if diff := cmp.Diff([]domain.Contact{changed}, b.page("ann")); diff != "" {
		t.Error(diff)
	}
}

func booksApart(t *testing.T, b bench) {
	mine := b.contact("ann", "mum")
	b.contact("eve", "ben")
	seen := func(book domain.ContactBook, _ time.Time) (domain.Contact, *ports.NewConsent, error) {
		if len(book.Contacts) != 1 || book.Contacts[0].ID != mine.ID || len(book.Invitations) != 1 || book.Owner != "ann" {
			t.Errorf("the book: %+v", book)
		}
		return book.Contacts[0], nil, nil
	}
	if _, err := b.Change(t.Context(), "ann", seen); err != nil {
		t.Fatal(err)
	}
	mustFail(t, b.remove("eve", mine.ID), domain.ErrContactNotFound)
	if len(b.page("ann")) != 1 {
		t.Error("somebody else removed the contact")
	}
}

// However many ask in the same moment, and in whatever way, no more than twenty
// messages a day go out for one owner.
func consentsAtOnce(t *testing.T, b bench) {
	c, err := b.Invite(t.Context(), "ann", ports.Repeatable{}, inviting("mum"))
	if err != nil {
		t.Fatal(err)
	}
	const day, crowd = 20, 30
	var group sync.WaitGroup
	var asked atomic.Int32
	for i := range crowd {
		group.Go(func() {
			address := fmt.Sprint("mum", i, "@example.com")
			_, err := b.Change(t.Context(), "ann", func(book domain.ContactBook, now time.Time) (domain.Contact, *ports.NewConsent, error) {
				changed, asks, err := book.Change(c.Contact.ID, domain.ContactDetails{Email: &address}, now)
				if err != nil || !asks {
					return changed, nil, errors.Join(err, errUnasked(asks))
				}
				request := changed.ConsentFor(domain.ConsentID(newID()), now)
				return changed, &ports.NewConsent{Consent: *request, Token: sha256.Sum256([]byte(request.ID))}, nil
			})
			switch {
			case err == nil:
				asked.Add(1)
			case !errors.Is(err, domain.ErrTooManyInvitations):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := asked.Load(); n != day-1 { // the invitation is one of them
		t.Errorf("%d were asked", n)
	}
	_, err = b.Invite(t.Context(), "ann", ports.Repeatable{}, inviting("ben"))
	mustFail(t, err, domain.ErrTooManyInvitations)
}

func errUnasked(asks bool) error {
	if asks {
		return nil
	}
	return errors.New("nobody is asked at the new address")
}

func invitationsAtOnce(t *testing.T, b bench) {
	var group sync.WaitGroup
	for i := range 15 {
		group.Go(func() {
			_, err := b.Invite(t.Context(), "ann", ports.Repeatable{}, inviting(string(rune('a'+i))))
			if err != nil && !errors.Is(err, domain.ErrContactLimit) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(b.page("ann")); n != domain.MaxContacts {
		t.Errorf("%d contacts", n)
	}
}

func repeatedInvitation(t *testing.T, b bench) {
	first, err := b.Invite(t.Context(), "ann", request("k", "mum"), inviting("mum"))
	if err != nil {
		t.Fatal(err)
	}
	other := "changed since"
	if _, err := b.Change(t.Context(), "ann", func(book domain.ContactBook, now time.Time) (domain.Contact, *ports.NewConsent, error) {
		return changing(book, first.Contact.ID, domain.ContactDetails{Name: &other}, now)
	}); err != nil {
		t.Fatal(err)
	}
	again, err := b.Invite(t.Context(), "ann", request("k", "mum"), inviting("not asked"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
	if n := len(b.page("ann")); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

func invitationKeyReused(t *testing.T, b bench) {
	if _, err := b.Invite(t.Context(), "ann", request("k", "mum"), inviting("mum")); err != nil {
		t.Fatal(err)
	}
	_, err := b.Invite(t.Context(), "ann", request("k", "ben"), inviting("ben"))
	mustFail(t, err, domain.ErrKeyReused)
}

func accept(by string) func(*domain.InvitedContact, time.Time) error {
	return func(i *domain.InvitedContact, now time.Time) error { return i.Accept(domain.UserID(by), now) }
}

func removed(t *testing.T, b bench) {
	invited := b.invite("ann", "mum")
	if err := b.remove("ann", invited.Contact.ID); err != nil {
		t.Fatal(err)
	}
	mustFail(t, b.remove("ann", invited.Contact.ID), domain.ErrContactNotFound)
	_, err := b.Answer(t.Context(), invited.Token, accept("mum"))
	mustFail(t, err, domain.ErrInvitationNotFound)
	if len(b.page("ann")) != 0 {
		t.Error("the contact is still there")
	}
}

func removedStillCounts(t *testing.T, b bench) {
	for range 3 {
		invited := b.invite("ann", "mum")
		if err := b.remove("ann", invited.Contact.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, err := b.Invite(t.Context(), "ann", ports.Repeatable{}, func(book domain.ContactBook, now time.Time) (ports.Invitation, error) {
		if len(book.Invitations) != 3 || len(book.Contacts) != 0 {
			t.Errorf("%d invitations, %d contacts", len(book.Invitations), len(book.Contacts))
		}
		return inviting("ben")(book, now)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func failedContactChange(t *testing.T, b bench) {
	made := b.contact("ann", "mum")
	refusal := errors.New("no")
	_, err := b.Change(t.Context(), "ann", func(book domain.ContactBook, _ time.Time) (domain.Contact, *ports.NewConsent, error) {
		c := book.Contacts[0]
		c.Name = "changed"
		return c, nil, refusal
	})
	mustFail(t, err, refusal)
	if diff := cmp.Diff([]domain.Contact{made}, b.page("ann")); diff != "" {
		t.Error(diff)
	}
}

func contactPages(t *testing.T, b bench) {
	for i := range 5 {
		b.invite("ann", string(rune('a'+i)))
	}
	var names strings.Builder
	var after domain.ContactID
	for range 4 {
		page, err := b.Page(t.Context(), "ann", after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			names.WriteString(c.Name)
			after = c.ID
		}
	}
	if names.String() != "abcde" {
		t.Errorf("read %q", names.String())
	}
}

func answered(t *testing.T, b bench) {
	invited := b.invite("ann", "mum")
	got, err := b.Answer(t.Context(), invited.Token, accept("mum"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Contact.Status != domain.Active || got.Contact.User != "mum" || got.Invitation.AnsweredBy != "mum" || got.Invitation.Owner != "ann" {
		t.Errorf("answered: %+v", got)
	}
	if diff := cmp.Diff([]domain.Contact{got.Contact}, b.page("ann")); diff != "" {
		t.Error(diff)
	}
	_, err = b.Answer(t.Context(), invited.Token, accept("ben"))
	mustFail(t, err, domain.ErrInvitationUsed)
	_, err = b.Answer(t.Context(), ports.InviteToken{1, 2, 3}, accept("ben"))
	mustFail(t, err, domain.ErrInvitationNotFound)
}

func failedAnswer(t *testing.T, b bench) {
	invited := b.invite("ann", "mum")
	refusal := errors.New("no")
	_, err := b.Answer(t.Context(), invited.Token, func(i *domain.InvitedContact, now time.Time) error {
		return errors.Join(i.Accept("mum", now), refusal)
	})
	mustFail(t, err, refusal)
	if page := b.page("ann"); page[0].Status != domain.Invited || page[0].User != "" {
		t.Errorf("stored: %+v", page[0])
	}
}

func twice(t *testing.T, b bench) {
	b.contact("ann", "mum")
	second := b.invite("ann", "mother")
	_, err := b.Answer(t.Context(), second.Token, accept("mum"))
	mustFail(t, err, domain.ErrDuplicateContact)
	b.contact("eve", "mum")
}

func oneWinner(t *testing.T, b bench) {
	invited := b.invite("ann", "mum")
	var mu sync.Mutex
	var group sync.WaitGroup
	winners := 0
	for i := range 10 {
		group.Go(func() {
			_, err := b.Answer(t.Context(), invited.Token, accept(string(rune('a'+i))))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				winners++
			case !errors.Is(err, domain.ErrInvitationUsed):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if winners != 1 {
		t.Errorf("%d winners", winners)
	}
}
