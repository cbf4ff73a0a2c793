package portstest

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func consentTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a consent by token makes a helper without the app": consentGiven,
		"an address is asked three times a day at most":     askedRarely,
		"invitations are found by verified address":         foundByAddress,
		"tests are counted by owner":                        testsCounted,
	}
}

// inviteAt invites somebody at addresses and gives the token of the consent.
func (b bench) inviteAt(owner, email, phone string) (ports.Invitation, ports.ConsentToken) {
	b.t.Helper()
	made, err := b.Invite(b.t.Context(), domain.UserID(owner), ports.Repeatable{}, func(book domain.ContactBook, now time.Time) (ports.Invitation, error) {
		name := "Mum"
		c, i, err := book.Invite(domain.ContactID(newID()), domain.InvitationID(newID()), domain.ContactDetails{Name: &name, Email: &email, Phone: &phone}, now)
		id := domain.ConsentID(newID())
		return ports.Invitation{
			Contact: c, Invitation: i, Token: sha256.Sum256([]byte(i.ID)),
			Consent: &ports.NewConsent{Consent: *c.ConsentFor(id, now), Token: sha256.Sum256([]byte(id))},
		}, err
	})
	if err != nil {
		b.t.Fatalf("invite: %v", err)
	}
	return made, made.Consent.Token
}

func (b bench) agree(token ports.ConsentToken, accept bool) (domain.ConsentedContact, error) {
	b.t.Helper()
	return b.Consent(b.t.Context(), token, func(c *domain.ConsentedContact, now time.Time) error { return c.Answer(accept, now) })
}

func consentGiven(t *testing.T, b bench) {
	made, token := b.inviteAt("ann", "Mum@Example.com", "")
	c, err := b.agree(token, true)
	if err != nil || c.Contact.Status != domain.Active || c.Consent.Address != "mum@example.com" || c.Contact.ID != made.Contact.ID {
		t.Fatalf("agreed: %+v (%v)", c, err)
	}
	ticket, _ := b.press(address("ann"), domain.Press{})
	if len(ticket.Helpers) != 1 || !ticket.Helpers[0].User.Outside() || ticket.Alarmed() != 1 {
		t.Errorf("helpers: %+v, %d alarmed", ticket.Helpers, ticket.Alarmed())
	}
	claim := b.claim(10)
	if want := (domain.Mailbox{Channel: domain.ByEmail, To: "mum@example.com"}); len(claim.Deliveries) != 1 || claim.Deliveries[0].To != want || claim.Deliveries[0].Name != "Mum" {
		t.Errorf("written to: %+v", claim.Deliveries)
	}
	b.settle(claim, ports.Retry, 0)
	if c, err := b.agree(token, false); err != nil || c.Contact.Status != domain.Declined {
		t.Errorf("withdrawn: %+v (%v)", c.Contact, err)
	}
	if claim := b.claim(10); len(claim.Deliveries) != 1 || claim.Deliveries[0].To != (domain.Mailbox{}) {
		t.Errorf("after that: %+v", claim.Deliveries)
	} else {
		b.settle(claim, ports.Unwanted, 0)
	}
	if left := b.claim(10); len(left.Deliveries) != 0 {
		t.Errorf("what is not wanted comes back: %+v", left)
	}
	if err := b.remove("ann", made.Contact.ID); err != nil {
		t.Fatal(err)
	}
	_, err = b.agree(token, true)
	mustFail(t, err, domain.ErrInvitationNotFound)
	_, err = b.agree(ports.ConsentToken{1}, true)
	mustFail(t, err, domain.ErrInvitationNotFound)
}

func askedRarely(t *testing.T, b bench) {
	for i, owner := range []string{"ann", "eve", "ida", "una"} {
		_, token := b.inviteAt(owner, "mum@example.com", "")
		_, err := b.agree(token, false)
		if asked := !errors.Is(err, domain.ErrInvitationNotFound); asked != (i < 3) {
			t.Errorf("the %d. time: %v", i+1, err)
		}
	}
}

func foundByAddress(t *testing.T, b bench) {
	byMail, _ := b.inviteAt("ann", "Mum@Example.com", "")
	byPhone, _ := b.inviteAt("eve", "", "+4915112345678")
	b.inviteAt("ida", "other@example.com", "+4915100000000")
	b.inviteAt("mum", "mum@example.com", "")
	at := domain.Addresses{Email: "mum@example.com", Phone: "+4915112345678"}
	found, err := b.AddressedTo(t.Context(), "mum", at, "", 10)
	if err != nil || len(found) != 2 || found[0].Contact.ID != byPhone.Contact.ID || found[1].Invitation.ID != byMail.Invitation.ID {
		t.Fatalf("found %+v (%v)", found, err)
	}
	if one, err := b.AddressedTo(t.Context(), "mum", at, "", 1); err != nil || len(one) != 1 {
		t.Errorf("of one: %+v (%v)", one, err)
	}
	if next, err := b.AddressedTo(t.Context(), "mum", at, found[0].Invitation.ID, 10); err != nil || len(next) != 1 || next[0].Invitation.ID != found[1].Invitation.ID {
		t.Errorf("behind the first: %+v (%v)", next, err)
	}
	if none, err := b.AddressedTo(t.Context(), "mum", domain.Addresses{}, "", 10); err != nil || len(none) != 0 {
		t.Errorf("without an address: %+v (%v)", none, err)
	}
	if _, err := b.AnswerAddressed(t.Context(), byMail.Invitation.ID, accept("mum")); err != nil {
		t.Fatal(err)
	}
	if left, err := b.AddressedTo(t.Context(), "mum", at, "", 10); err != nil || len(left) != 1 {
		t.Errorf("answered: %+v (%v)", left, err)
	}
	_, err = b.AnswerAddressed(t.Context(), domain.InvitationID(newID()), accept("mum"))
	mustFail(t, err, domain.ErrInvitationNotFound)
}

func testsCounted(t *testing.T, b bench) {
	c := b.contact("ann", "mum")
	for want := range 3 {
		got, err := b.Test(t.Context(), "ann", c.ID, func(seen domain.Contact, tests []domain.ContactTest, _ time.Time) error {
			if len(tests) != want || seen.ID != c.ID {
				t.Errorf("%d tests of %s before the %d.", len(tests), seen.ID, want+1)
			}
			return nil
		})
		if err != nil || got.User != "mum" {
			t.Fatalf("tested %+v (%v)", got, err)
		}
	}
	refusal := errors.New("no")
	_, err := b.Test(t.Context(), "ann", c.ID, func(domain.Contact, []domain.ContactTest, time.Time) error { return refusal })
	mustFail(t, err, refusal)
	_, err = b.Test(t.Context(), "eve", c.ID, func(domain.Contact, []domain.ContactTest, time.Time) error { return nil })
	mustFail(t, err, domain.ErrContactNotFound)
}
