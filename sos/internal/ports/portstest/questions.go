package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func questionTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a request for consent is sent once":                   askedOnce,
		"a request that was not sent is due again":             askedAgain,
		"nobody is asked who has answered, or is not meant":    notAsked,
		"what awaits a channel is due again":                   awaitsChannel,
		"of what awaits a channel only the newest is sent":     onlyNewest,
		"what awaits a channel is not sent after the ticket":   notAfterTheEnd,
		"a contact's link is kept once, and stays as it was":   linkKept,
		"a contact with the app is written to nowhere by mail": noMailbox,
	}
}

func (b bench) questions(lease time.Duration) []ports.ClaimedConsent {
	b.t.Helper()
	claimed, err := b.ClaimConsents(b.t.Context(), 10, lease)
	if err != nil {
		b.t.Fatalf("claim: %v", err)
	}
	return claimed
}

func askedOnce(t *testing.T, b bench) {
	made, token := b.inviteAt("ann", "Mum@Example.com", "+4915112345678")
	first := b.questions(lease)
	if len(first) != 1 || first[0].Consent.ID != made.Consent.Consent.ID || first[0].Token != token || first[0].Owner != "ann" || first[0].Attempt != 1 {
		t.Fatalf("claimed %+v", first)
	}
	if first[0].At != (domain.Addresses{Email: "Mum@Example.com", Phone: "+4915112345678"}) {
		t.Errorf("addressed to %+v", first[0].At)
	}
	if at := first[0].Consent.Mailbox(); at != (domain.Mailbox{Channel: domain.ByEmail, To: "mum@example.com"}) {
		t.Errorf("asked at %+v", at)
	}
	if again := b.questions(lease); len(again) != 0 {
		t.Errorf("claimed twice: %+v", again)
	}
	if err := b.ConsentSent(t.Context(), first[0].Consent.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.PostponeConsent(t.Context(), first[0].Consent.ID, 0); err != nil {
		t.Fatal(err)
	}
	if again := b.questions(lease); len(again) != 0 {
		t.Errorf("sent, and claimed again: %+v", again)
	}
}

func askedAgain(t *testing.T, b bench) {
	b.inviteAt("ann", "", "+4915112345678")
	first := b.questions(20 * time.Millisecond)
	var second []ports.ClaimedConsent
	b.eventually("the lease ends", func() bool {
		second = b.questions(lease)
		return len(second) == 1
	})
	if second[0].Attempt != 2 || second[0].Consent.ID != first[0].Consent.ID || second[0].Consent.Channel != domain.BySMS {
		t.Errorf("claimed again: %+v", second)
	}
	if err := b.PostponeConsent(t.Context(), first[0].Consent.ID, 20*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	b.eventually("the pause ends", func() bool { return len(b.questions(lease)) == 1 })
}

func notAsked(t *testing.T, b bench) {
	_, answered := b.inviteAt("ann", "mum@example.com", "")
	if _, err := b.agree(answered, false); err != nil {
		t.Fatal(err)
	}
	inApp, _ := b.inviteAt("eve", "ben@example.com", "")
	if _, err := b.AnswerAddressed(t.Context(), inApp.Invitation.ID, accept("ben")); err != nil {
		t.Fatal(err)
	}
	gone, _ := b.inviteAt("ida", "joe@example.com", "")
	if err := b.remove("ida", gone.Contact.ID); err != nil {
		t.Fatal(err)
	}
	moved, _ := b.inviteAt("una", "pat@example.com", "")
	moved.Contact.Email = "other@example.com"
	if _, err := b.Change(t.Context(), "una", func(domain.ContactBook, time.Time) (domain.Contact, *ports.NewConsent, error) {
		return moved.Contact, nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	if claimed := b.questions(lease); len(claimed) != 0 {
		t.Errorf("asked: %+v", claimed)
	}
}

// outsideAlarm is an alarm to one contact without the app.
func (b bench) outsideAlarm() domain.Case {
	b.t.Helper()
	_, token := b.inviteAt("ann", "", "+4915112345678")
	if _, err := b.agree(token, true); err != nil {
		b.t.Fatal(err)
	}
	c, _ := b.press(address("ann"), domain.Press{})
	return c
}

func awaitsChannel(t *testing.T, b bench) {
	b.outsideAlarm()
	claim := b.claim(10)
	b.settle(claim, ports.Awaiting, time.Hour)
	if early := b.claim(10); len(early.Deliveries) != 0 {
		t.Fatalf("early: %+v", early)
	}
	if err := b.Hurry(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	if again := b.claim(10); len(again.Deliveries) != 1 || again.Deliveries[0].ID != claim.Deliveries[0].ID || again.Deliveries[0].To.Channel != domain.BySMS {
		t.Errorf("again: %+v", again)
	}
}

func onlyNewest(t *testing.T, b bench) {
	c := b.outsideAlarm()
	claim := b.claim(10)
	helper := domain.Actor{User: "desk", Roles: domain.Dispatcher}
	b.update(c.Ticket.ID, func(c *domain.Case, now time.Time) error { return c.Acknowledge(helper, "", now) })
	b.settle(claim, ports.Awaiting, 0)
	for _, d := range b.claim(10).Deliveries {
		if d.Alert.Kind != domain.AlertAcknowledged {
			t.Errorf("what is older comes again: %+v", d)
		}
	}
}

func notAfterTheEnd(t *testing.T, b bench) {
	c := b.outsideAlarm()
	b.settle(b.claim(10), ports.Delivered, 0)
	b.update(c.Ticket.ID, cancel)
	b.settle(b.claim(10), ports.Awaiting, 0)
	if left := b.claim(10); len(left.Deliveries) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func linkKept(t *testing.T, b bench) {
	c := b.outsideAlarm()
	claim := b.claim(10)
	share := domain.ContactShare(domain.ShareID(newID()), claim.Deliveries[0].Alert, "Mum")
	link := ports.NewShare{Share: share, Token: ports.ShareToken{1}}
	other := ports.NewShare{Share: share, Token: ports.ShareToken{2}}
	for _, offered := range []ports.NewShare{link, link, other} {
		kept, err := b.KeepLinks(t.Context(), []ports.NewShare{offered})
		if err != nil || len(kept) != 1 || kept[0].Token != link.Token || kept[0].Share.ID != share.ID || kept[0].Share.Contact == "" || !kept[0].Share.ExpiresAt.Equal(share.ExpiresAt) {
			t.Fatalf("kept %+v (%v)", kept, err)
		}
	}
	f, err := b.Followed(t.Context(), link.Token)
	if err != nil || f.Ticket.ID != c.Ticket.ID || f.Share.Name != "Mum" {
		t.Errorf("followed: %+v (%v)", f, err)
	}
	if err := b.Revoke(t.Context(), share.ID, func(domain.Case) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if kept, err := b.KeepLinks(t.Context(), []ports.NewShare{link}); err != nil || kept[0].Share.RevokedAt == nil {
		t.Errorf("revoked: %+v (%v)", kept, err)
	}
	if kept, err := b.KeepLinks(t.Context(), nil); err != nil || len(kept) != 0 {
		t.Errorf("of none: %+v (%v)", kept, err)
	}
}

func noMailbox(t *testing.T, b bench) {
	made, _ := b.inviteAt("ann", "mum@example.com", "")
	if _, err := b.AnswerAddressed(t.Context(), made.Invitation.ID, accept("mum")); err != nil {
		t.Fatal(err)
	}
	b.press(address("ann"), domain.Press{})
	if claim := b.claim(10); len(claim.Deliveries) != 1 || claim.Deliveries[0].To != (domain.Mailbox{}) || claim.Deliveries[0].Alert.Recipient != "mum" {
		t.Errorf("claimed %+v", claim)
	}
}
