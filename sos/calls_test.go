package sos_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

func TestTheReporterIsToldWhomToDialAndTheContactsThatItWasDone(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.post(c.path("/locations"), `{"fixes":[{"latitude":35.68,"longitude":139.69}]}`).is(http.StatusAccepted)
	for body, tel := range map[string]string{"": "110", `{}`: "110", `{"service":"fire"}`: "119", `{"service":"ambulance"}`: "119", `{"service":"emergency"}`: "110", `{"dialled":false}`: "110"} {
		if a := c.ann.post(c.path("/calls"), body).is(http.StatusAccepted); a.str("tel") != tel || a.str("callId") == "" {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	if a := c.ann.get(c.path("")); a.str("status") != "pending" {
		t.Errorf("just asking made it %s", a.str("status"))
	}
	told := len(c.Alerts())
	dialled := c.ann.post(c.path("/calls"), `{"service":"police","dialled":true}`, "Idempotency-Key: k").is(http.StatusAccepted)
	mustBe(t, c.toldSince(told, 2), "ben sos.emergency_called", "mum sos.emergency_called")
	if a := c.ann.get(c.path("")); a.str("status") != "emergency_called" {
		t.Errorf("after the call it is %s", a.str("status"))
	}
	again := c.ann.post(c.path("/calls"), `{"service":"police","dialled":true}`, "Idempotency-Key: k").is(http.StatusAccepted)
	if again.text != dialled.text {
		t.Errorf("again: %s, first %s", again.text, dialled.text)
	}
	for _, other := range []string{`{"service":"fire","dialled":true}`, `{"service":"police"}`} {
		c.ann.post(c.path("/calls"), other, "Idempotency-Key: k").refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	}
	c.mum.post(c.path("/calls"), `{"service":"fire"}`, "Idempotency-Key: k").is(http.StatusAccepted) // a key of her own
	c.mum.post(c.path("/calls"), `{}`, "Idempotency-Key: k").refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	events := c.mum.get(c.path("/timeline")).is(http.StatusOK).items("items")
	last := events[len(events)-1]
	if data, _ := last["data"].(map[string]any); last["kind"] != "dialled" || data["number"] != "110" || data["service"] != "police" || data["callId"] != dialled.str("callId") {
		t.Errorf("the timeline ends with %v", last)
	}
	c.ann.command(c.ticket, "cancel").refused(http.StatusConflict, "invalid_transition") // the authorities must be told how it ended
	c.ann.post(c.path("/resolve"), `{"outcome":"false_alarm"}`).is(http.StatusOK)
}

func TestOnlyTheReporterSaysThatTheyHaveDialled(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for _, p := range []person{c.mum, c.staff} {
		p.post(c.path("/calls"), `{}`).is(http.StatusAccepted)
		p.post(c.path("/calls"), `{"dialled":true}`).refused(http.StatusForbidden, "forbidden")
	}
	c.stranger.post(c.path("/calls"), `{}`).refused(http.StatusNotFound, "not_found")
	c.stranger.post(c.path("/calls"), `{"dialled":true}`).refused(http.StatusNotFound, "not_found")
	c.ann.with("").post(c.path("/calls"), `{}`).refused(http.StatusUnauthorized, "unauthenticated")
	if a := c.ann.post(c.path("/calls"), `{"service":"pizza"}`).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != "service" {
		t.Errorf("answered %s", a.text)
	}
	if a := c.ann.post(c.path("/calls"), `{"dialled":"yes"}`).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != "dialled" {
		t.Errorf("answered %s", a.text)
	}
	c.ann.post(c.path("/calls"), `[`).refused(http.StatusBadRequest, "malformed_json")
	c.ann.with("Bearer "+c.TokenWith(c.ann.id, sostest.TokenOptions{Expired: true})).post(c.path("/calls"), `{"dialled":true}`).is(http.StatusAccepted)
}

func TestACallInTheCountdownOrAfterTheEndChangesNothing(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	id := ann.opened(`{"countdownSeconds":30,"emergencyType":"fire"}`)
	path := "/v1/sos/tickets/" + id + "/calls"
	if a := ann.post(path, `{"dialled":true}`).refused(http.StatusConflict, "invalid_transition"); !strings.Contains(a.text, "send-now") {
		t.Errorf("answered %s", a.text)
	}
	if a := ann.post(path, ``).is(http.StatusAccepted); a.str("tel") != "112" {
		t.Errorf("answered %s", a.text)
	}
	ann.command(id, "cancel").is(http.StatusOK)
	ann.post(path, `{"dialled":true}`).refused(http.StatusConflict, "invalid_transition")
	ann.post(path, ``).is(http.StatusAccepted)
}
