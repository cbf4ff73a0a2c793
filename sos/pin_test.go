package sos_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/sos/sostest"
)

const pinPath = "/v1/sos/pin"

// setPin gives p a PIN.
func (p person) setPin(s *sostest.SOS, pin string) {
	p.tb.Helper()
	p.do(http.MethodPut, pinPath, `{"pin":"`+pin+`","reauthToken":"`+s.ReauthToken(p.id)+`"}`).is(http.StatusNoContent)
}

func (p person) end(ticket, command, pin string) answer {
	p.tb.Helper()
	return p.post("/v1/sos/tickets/"+ticket+"/"+command, `{"pin":"`+pin+`"}`)
}

func TestAPinIsSetReplacedAndTakenAwayByWhoProvesTheyAreTheOwner(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, ben := newPerson(t, s, "Ann"), newPerson(t, s, "Ben")
	isSet := func(want bool) {
		t.Helper()
		if a := ann.get(pinPath).is(http.StatusOK); a.at("set") != want {
			t.Errorf("set: %s", a.text)
		}
	}
	isSet(false)
	ann.setPin(s, "1234")
	isSet(true)
	if ben.get(pinPath).is(http.StatusOK).at("set") != false {
		t.Error("somebody else's PIN")
	}
	for name, token := range map[string]string{"another's": s.ReauthToken(ben.id), "an access token": s.Token(ann.id), "a SOS credential": s.SOSCredential(ann.id, "s"), "nonsense": "x"} {
		if a := ann.do(http.MethodPut, pinPath, `{"pin":"4321","reauthToken":"`+token+`"}`); a.status != http.StatusForbidden || a.str("code") != "reauthentication_required" {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
		ann.do(http.MethodDelete, pinPath, `{"reauthToken":"`+token+`"}`).refused(http.StatusForbidden, "reauthentication_required")
	}
	old := s.ReauthToken(ann.id)
	s.Advance(5*time.Minute + time.Second)
	ann.do(http.MethodDelete, pinPath, `{"reauthToken":"`+old+`"}`).refused(http.StatusForbidden, "reauthentication_required")
	isSet(true)
	ann.do(http.MethodDelete, pinPath, `{"reauthToken":"`+s.ReauthToken(ann.id)+`"}`).is(http.StatusNoContent)
	isSet(false)
}

func TestWrongPinSettingsAreNamed(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	token := s.ReauthToken(ann.id)
	for body, field := range map[string]string{
		`{"reauthToken":"` + token + `"}`:                        "pin",
		`{"pin":"12","reauthToken":"` + token + `"}`:             "pin",
		`{"pin":"12345678901234","reauthToken":"` + token + `"}`: "pin",
		`{"pin":"abcd","reauthToken":"` + token + `"}`:           "pin",
		`{"pin":1234,"reauthToken":"` + token + `"}`:             "pin",
		`{"pin":"1234"}`: "reauthToken",
	} {
		if a := ann.do(http.MethodPut, pinPath, body).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != field {
			t.Errorf("%.30s: %s", body, a.text)
		}
	}
	ann.do(http.MethodDelete, pinPath, `{}`).refused(http.StatusUnprocessableEntity, "validation_failed")
	ann.do(http.MethodDelete, pinPath, ``).refused(http.StatusBadRequest, "malformed_json")
	ann.with("").get(pinPath).refused(http.StatusUnauthorized, "unauthenticated")
	ann.with("SOS "+s.SOSCredential(ann.id, "s")).get(pinPath).refused(http.StatusUnauthorized, "unauthenticated")
}

func TestWhoHasThePhoneCannotEndTheCallForHelpWithoutThePin(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.setPin(c.SOS, "1234")
	for _, command := range []string{"cancel", "resolve"} {
		c.ann.command(c.ticket, command).refused(http.StatusForbidden, "pin_required")
		c.ann.end(c.ticket, command, "4321").refused(http.StatusForbidden, "pin_wrong")
	}
	if status := c.ann.get(c.path("")).str("status"); status != "pending" {
		t.Errorf("the ticket is %s", status)
	}
	c.ann.end(c.ticket, "cancel", "1234").is(http.StatusOK)
	c.ann.command(c.ticket, "cancel").is(http.StatusOK) // a repeat ends nothing, and needs no PIN
	c.ann.command(c.ticket, "reopen").is(http.StatusOK)
	c.ann.end(c.ticket, "resolve", "1234").is(http.StatusOK)

	countdown := c.ann.opened(`{"countdownSeconds":30}`)
	c.ann.command(countdown, "cancel").refused(http.StatusForbidden, "pin_required")
	c.ann.end(countdown, "cancel", "1234").is(http.StatusOK)

	other := c.ann.opened(`{}`)
	c.mum.end(other, "resolve", "1234").refused(http.StatusForbidden, "forbidden")
	c.staff.command(other, "resolve").is(http.StatusOK)
}

func TestWrongPinsCostTimeAndTheTicketStaysOpen(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.setPin(c.SOS, "1234")
	var group sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	for range 12 {
		group.Go(func() {
			a := c.ann.end(c.ticket, "cancel", "0000")
			mu.Lock()
			defer mu.Unlock()
			switch {
			case a.status == http.StatusForbidden && a.str("code") == "pin_wrong":
				wrong++
			case a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "":
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
	group.Wait()
	if wrong != 5 {
		t.Errorf("%d wrong PINs were looked at", wrong)
	}
	c.ann.end(c.ticket, "cancel", "1234").refused(http.StatusTooManyRequests, "rate_limited")
	c.Advance(31 * time.Second)
	c.ann.end(c.ticket, "cancel", "x").refused(http.StatusForbidden, "pin_wrong")
	c.Advance(31 * time.Second)
	c.ann.end(c.ticket, "cancel", "1234").refused(http.StatusTooManyRequests, "rate_limited")
	c.Advance(30 * time.Second)
	if status := c.ann.get(c.path("")).str("status"); status != "pending" {
		t.Errorf("the ticket is %s", status)
	}
	c.ann.end(c.ticket, "cancel", "1234").is(http.StatusOK)
}

func TestNoPinIsLogged(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	s := sostest.Start(t, sostest.Options{Logger: slog.New(slog.NewJSONHandler(lockedWriter{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	ann := newPerson(t, s, "Ann")
	ann.setPin(s, "73914628")
	ticket := ann.opened(`{}`)
	ann.end(ticket, "cancel", "91827364").refused(http.StatusForbidden, "pin_wrong")
	ann.end(ticket, "cancel", "73914628").is(http.StatusOK)
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(log.String(), "73914628") || strings.Contains(log.String(), "91827364") {
		t.Error("a PIN is in the log")
	}
}

// lockedWriter lets many goroutines write a log.
type lockedWriter struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(p)
}
