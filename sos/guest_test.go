package sos_test

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/sostest"
)

const guestTickets = "/v1/sos/guest/tickets"

// newGuest is a phone without an account.
func newGuest(tb testing.TB, s *sostest.SOS) person {
	tb.Helper()
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return person{tb: tb, url: s.URL, proof: "Guest " + base64.RawURLEncoding.EncodeToString(raw)}
}

func (p person) secret() string { return strings.TrimPrefix(p.proof, "Guest ") }

// pressed is a new ticket of the guest.
func (p person) pressed(body string, headers ...string) string {
	p.tb.Helper()
	return p.post(guestTickets, body, append(headers, "Idempotency-Key: "+idgen.NewV7())...).is(http.StatusCreated).str("ticket", "id")
}

func TestAGuestCallsForHelpWithASecretOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	gil := newGuest(t, s)
	body := `{"guestName":"Gil","guestPhone":"0151 23456","emergencyType":"fire","location":{"latitude":52.5,"longitude":13.4}}`
	first := gil.post(guestTickets, body, "Idempotency-Key: k").is(http.StatusCreated)
	if first.str("ticket", "reporter", "kind") != "guest" || first.str("ticket", "reporter", "name") != "Gil" || first.at("guestSecret") != nil || len(first.items("warnings")) != 0 {
		t.Errorf("answered %s", first.text)
	}
	again := gil.post(guestTickets, body, "Idempotency-Key: k").is(http.StatusCreated)
	merged := gil.post(guestTickets, `{}`, "Idempotency-Key: l").is(http.StatusOK)
	for _, a := range []answer{again, merged} {
		if a.str("ticket", "id") != first.str("ticket", "id") {
			t.Errorf("another ticket: %s", a.text)
		}
	}
	path := "/v1/sos/tickets/" + first.str("ticket", "id")
	gil.get(path).is(http.StatusOK)
	gil.get(path + "/timeline").is(http.StatusOK)
	gil.post(path+"/comment", `{"note":"third floor"}`).is(http.StatusOK)
	gil.command(first.str("ticket", "id"), "resolve").is(http.StatusOK)
	countdown := gil.pressed(`{"countdownSeconds":30}`)
	gil.command(countdown, "send-now").is(http.StatusOK)
	gil.command(countdown, "cancel").is(http.StatusOK)
	if n := len(s.Alerts()); n != 0 {
		t.Errorf("%d alerts to nobody", n)
	}
}

func TestAGuestsSecretOpensThatGuestsTicketsAndNothingElse(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	gil, eve := newGuest(t, c.SOS), newGuest(t, c.SOS)
	ticket := gil.pressed(`{}`)
	for _, other := range []person{eve, c.ann, c.mum} {
		other.get("/v1/sos/tickets/"+ticket).refused(http.StatusNotFound, "not_found")
		other.command(ticket, "cancel").refused(http.StatusNotFound, "not_found")
	}
	gil.get(c.path("")).refused(http.StatusNotFound, "not_found")
	gil.command(c.ticket, "cancel").refused(http.StatusNotFound, "not_found")
	c.staff.get("/v1/sos/tickets/" + ticket).is(http.StatusOK)
	for _, path := range []string{"/v1/sos/tickets", contactsPath, pinPath} {
		gil.get(path).refused(http.StatusUnauthorized, "unauthenticated")
	}
	for _, command := range []string{"acknowledge", "raise"} {
		gil.command(ticket, command).refused(http.StatusUnauthorized, "unauthenticated")
	}
	for _, secret := range []string{"", "short", strings.Repeat("A", 42), strings.Repeat("=", 43), strings.Repeat("A", 400)} {
		gil.with("Guest "+secret).get("/v1/sos/tickets/"+ticket).refused(http.StatusUnauthorized, "unauthenticated")
	}
}

func TestAGuestWithoutASecretIsGivenOne(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	for _, proof := range []string{"", "Guest x", "Guest " + strings.Repeat("é", 40), "Bearer nonsense", "Bearer " + s.Token("somebody")} {
		nobody := person{tb: t, url: s.URL, proof: proof}
		a := nobody.post(guestTickets, `not JSON`, "Content-Type: text/plain").is(http.StatusCreated)
		if !a.warned("Authorization", "guest_secret_issued") || !a.warned("body", "unparsable") || len(a.str("guestSecret")) != 43 {
			t.Errorf("%q: %s", proof, a.text)
		}
		nobody.with("Guest " + a.str("guestSecret")).get("/v1/sos/tickets/" + a.str("ticket", "id")).is(http.StatusOK)
	}
	person{tb: t, url: s.URL}.post(guestTickets, `"`+strings.Repeat("x", 17<<10)+`"`).refused(http.StatusRequestEntityTooLarge, "payload_too_large")
	s.SetDatabaseAway(true)
	away := newGuest(t, s).post(guestTickets, `{}`).refused(http.StatusServiceUnavailable, "unavailable")
	if away.str("fallback", "tel") == "" {
		t.Errorf("nothing to dial: %s", away.text)
	}
}

func TestManyGuestsAtOneAddressAreTrustedLessAndNeverRefused(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	staff := newStaff(t, s)
	trust := func(address string) any {
		ticket := newGuest(t, s).pressed(`{"guestPhone":"0151 23456"}`, "X-Forwarded-For: "+address)
		return staff.get("/v1/sos/tickets/"+ticket).is(http.StatusOK).at("reporter", "trust")
	}
	for i := range 10 {
		if got := trust(fmt.Sprintf("2001:db8::%d", i+1)); got != nil {
			t.Fatalf("the %d. has trust %v", i+1, got)
		}
	}
	if got := trust("2001:db8::77"); got != "low" {
		t.Errorf("the eleventh has trust %v", got)
	}
	if got := trust("2001:db8:0:1::77"); got != nil {
		t.Errorf("somebody else has trust %v", got)
	}
}

func TestAGuestsNumberIsForDispatchersOnly(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	gil := newGuest(t, s)
	ticket := "/v1/sos/tickets/" + gil.pressed(`{"guestName":"Gil","guestPhone":"0151 23456"}`)
	if got := newStaff(t, s).get(ticket).is(http.StatusOK).str("reporter", "phone"); got != "0151 23456" {
		t.Errorf("a dispatcher sees %q", got)
	}
	if a := gil.get(ticket).is(http.StatusOK); strings.Contains(a.text, "23456") {
		t.Errorf("whoever has the phone sees %s", a.text)
	}
}

func TestAGuestsTicketsAreClaimedIntoAnAccount(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	gil, ann := newGuest(t, s), newPerson(t, s, "Ann Archer")
	ended := gil.pressed(`{}`)
	gil.command(ended, "cancel").is(http.StatusOK)
	open := gil.pressed(`{"guestName":"Gil"}`)
	claim := func(p person, secret string) answer {
		return p.post("/v1/sos/guest/claim", `{"guestSecret":"`+secret+`"}`)
	}
	own := ann.opened(`{}`)
	claim(ann, gil.secret()).refused(http.StatusConflict, "open_ticket_exists")
	gil.get("/v1/sos/tickets/" + open).is(http.StatusOK)
	ann.command(own, "cancel").is(http.StatusOK)
	if a := claim(ann, gil.secret()).is(http.StatusOK); a.num("claimed") != 2 {
		t.Errorf("claimed: %s", a.text)
	}
	if a := ann.get("/v1/sos/tickets/" + open).is(http.StatusOK); a.str("reporter", "kind") != "user" || a.str("reporter", "name") != "Ann Archer" {
		t.Errorf("the ticket: %s", a.text)
	}
	gil.get("/v1/sos/tickets/"+open).refused(http.StatusNotFound, "not_found")
	if n := len(ann.get("/v1/sos/tickets").items("items")); n != 3 {
		t.Errorf("%d tickets", n)
	}
	ann.command(open, "resolve").is(http.StatusOK)
	if a := claim(ann, gil.secret()).is(http.StatusOK); a.num("claimed") != 0 {
		t.Errorf("claimed again: %s", a.text)
	}
	for _, secret := range []string{"", "x", strings.Repeat("A", 42)} {
		if a := claim(ann, secret).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != "guestSecret" {
			t.Errorf("%q: %s", secret, a.text)
		}
	}
	claim(ann.with(""), gil.secret()).refused(http.StatusUnauthorized, "unauthenticated")
	claim(ann.with(gil.proof), gil.secret()).refused(http.StatusUnauthorized, "unauthenticated")
}
