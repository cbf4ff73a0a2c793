package sos_test

import (
	"net/http"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

// awaitStandby configures a standby and waits until the service asks it.
func awaitStandby(t *testing.T, s *sostest.SOS) {
	t.Helper()
	s.SetStandby(true)
	probe := newPerson(t, s, "")
	s.Eventually("the standby is asked", func() bool { return probe.trigger("probe", `{}`).str("durability") == "replicated" })
}

func TestACallForHelpSaysWhatItSurvives(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	if a := ann.trigger("alone", `{}`).is(http.StatusCreated); a.str("durability") != "local" || a.header.Get("Retry-After") != "" {
		t.Errorf("on one machine: %s", a.text)
	}
	awaitStandby(t, s)
	if a := ann.trigger("alone", `{}`).is(http.StatusCreated); a.str("durability") != "replicated" {
		t.Errorf("the same on two: %s", a.text)
	}
	if a := ann.trigger("again", `{}`).is(http.StatusOK); a.str("durability") != "replicated" {
		t.Errorf("another press: %s", a.text)
	}
}

func TestACallForHelpThatIsNotConfirmedIsOnItsWayAndAsksToBeSentAgain(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	awaitStandby(t, s)
	s.FreezeStandby(true)
	first := ann.trigger("k", `{}`).is(http.StatusAccepted)
	if first.str("durability") != "unconfirmed" || first.header.Get("Retry-After") != "1" || first.num("contactsNotified") != 1 {
		t.Errorf("answered %v %s", first.header, first.text)
	}
	if alerts := s.AwaitAlerts(1); alerts[0].Recipient != mum.id || alerts[0].TicketID != first.str("ticket", "id") {
		t.Errorf("alerts: %+v", alerts)
	}
	if again := ann.trigger("k", `{}`).is(http.StatusAccepted); again.str("ticket", "id") != first.str("ticket", "id") {
		t.Errorf("again: %s", again.text)
	}
	joined := ann.trigger("another", `{}`).is(http.StatusOK)
	if joined.str("durability") != "unconfirmed" || joined.header.Get("Retry-After") != "1" {
		t.Errorf("another press: %v %s", joined.header, joined.text)
	}
	s.FreezeStandby(false)
	for _, tc := range []struct {
		key    string
		status int
	}{{"k", http.StatusCreated}, {"another", http.StatusOK}} {
		var a answer
		s.Eventually("it is confirmed", func() bool {
			a = ann.trigger(tc.key, `{}`)
			return a.str("durability") != "unconfirmed"
		})
		if a.is(tc.status); a.str("durability") != "replicated" || a.str("ticket", "id") != first.str("ticket", "id") || a.header.Get("Retry-After") != "" {
			t.Errorf("%s, when it goes on: %s", tc.key, a.text)
		}
	}
}

func TestAGuestsCallForHelpIsConfirmedAsWell(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	awaitStandby(t, s)
	s.FreezeStandby(true)
	phone := person{tb: t, url: s.URL}
	first := phone.post(guestTickets, `{}`, "Idempotency-Key: k").is(http.StatusAccepted)
	if first.str("durability") != "unconfirmed" || first.header.Get("Retry-After") != "1" {
		t.Errorf("answered %v %s", first.header, first.text)
	}
	s.FreezeStandby(false)
	guest := phone.with("Guest " + first.str("guestSecret"))
	s.Eventually("the guest's press is confirmed", func() bool {
		a := guest.post(guestTickets, `{}`, "Idempotency-Key: k")
		return a.status == http.StatusCreated && a.str("ticket", "id") == first.str("ticket", "id")
	})
}
