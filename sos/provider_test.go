package sos_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/loveapp/backend/sos/sostest"
)

const callEventsPath = "/v1/sos/public/call-events"

// newCallScene is a scene with a provider of calls.
func newCallScene(t *testing.T) scene {
	t.Helper()
	s := sostest.Start(t, sostest.Options{Calls: true})
	c := scene{SOS: s, ann: newPerson(t, s, "Ann"), mum: newPerson(t, s, "Margaret"), staff: newStaff(t, s), stranger: newPerson(t, s, "")}
	c.ann.trusts(c.mum, "Mum")
	c.ticket = c.ann.opened(`{"emergencyType":"violence","location":{"latitude":52.5,"longitude":13.4}}`)
	c.AwaitAlerts(1)
	return c
}

// says is what the provider says of a call.
func (c scene) says(call, state string, headers ...string) answer {
	form := url.Values{"CallSid": {"provider's " + call}, "CallStatus": {state}}
	if len(headers) == 0 {
		headers = []string{"X-Twilio-Signature: " + sostest.CallSignature}
	}
	headers = append(headers, "Content-Type: application/x-www-form-urlencoded")
	return c.ann.with("").post(callEventsPath+"?call="+call, form.Encode(), headers...)
}

func (c scene) statusIs(t *testing.T, want string) {
	t.Helper()
	if a := c.ann.get(c.path("")).is(http.StatusOK); a.str("status") != want {
		t.Errorf("the ticket is %s, not %s", a.str("status"), want)
	}
}

func (c scene) kinds() map[string]int {
	counted := map[string]int{}
	for _, e := range c.ann.get(c.path("/timeline")).is(http.StatusOK).items("items") {
		counted[e["kind"].(string)]++
	}
	return counted
}

func TestTheProviderCallsTheCentreAndItsAnswerIsKnownToAll(t *testing.T) {
	t.Parallel()
	c := newCallScene(t)
	c.VerifyAddresses(c.ann.id, "", "+4915112345678")
	asked := c.ann.post(c.path("/calls"), `{}`, "Idempotency-Key: k").is(http.StatusAccepted)
	call := asked.str("callId")
	for range 2 { // the same request, and another one while the first is under way
		if again := c.ann.post(c.path("/calls"), `{}`, "Idempotency-Key: k").is(http.StatusAccepted); again.text != asked.text {
			t.Errorf("again: %s", again.text)
		}
		c.mum.post(c.path("/calls"), `{}`).is(http.StatusAccepted)
	}
	made := c.AwaitCalls(1)
	if made[0].ID != call || made[0].Join != "+4915112345678" || !strings.Contains(made[0].Words, "Ann has called for help. Violence emergency. They are at latitude 52.50000, longitude 13.40000.") {
		t.Errorf("it was asked for %+v", made[0])
	}
	told := len(c.Alerts())
	for _, state := range []string{"ringing", "answered", "ringing", "answered", "ended", "answered", "failed"} {
		c.says(call, state).is(http.StatusNoContent)
	}
	c.statusIs(t, "emergency_called")
	if kinds := c.kinds(); kinds["calling"] != 1 || kinds["dialled"] != 1 || kinds["call_failed"] != 0 {
		t.Errorf("the timeline has %v", kinds)
	}
	mustBe(t, c.toldSince(told, 2), "ann sos.emergency_called", "mum sos.emergency_called")
	if n := len(c.PlacedCalls()); n != 1 {
		t.Errorf("%d calls were made", n)
	}
}

func TestEventsOfACallMayComeInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ states, want string }{
		{"ended answered ringing", "emergency_called"},
		{"failed answered ended", "pending"},
		{"answered failed", "emergency_called"},
		{"ringing failed failed", "pending"},
		{"ringing", "pending"},
	} {
		c := newCallScene(t)
		call := c.staff.post(c.path("/calls"), "").is(http.StatusAccepted).str("callId")
		c.AwaitCalls(1)
		for state := range strings.FieldsSeq(tc.states) {
			c.says(call, state).is(http.StatusNoContent)
		}
		c.statusIs(t, tc.want)
	}
}

func TestNobodyElseSpeaksForTheProvider(t *testing.T) {
	t.Parallel()
	c := newCallScene(t)
	call := c.ann.post(c.path("/calls"), "").is(http.StatusAccepted).str("callId")
	c.AwaitCalls(1)
	before := c.kinds()
	for _, signature := range []string{"", "forged"} {
		c.says(call, "answered", "X-Twilio-Signature: "+signature).refused(http.StatusForbidden, "forbidden")
	}
	signed := "X-Twilio-Signature: " + sostest.CallSignature
	for _, unknown := range []string{"01900000-0000-7000-8000-000000000001", "nothing", ""} {
		c.says(unknown, "answered").refused(http.StatusNotFound, "not_found")
	}
	other := url.Values{"CallSid": {"of somebody else"}, "CallStatus": {"answered"}}.Encode()
	send := func(body, kind string) answer {
		return c.ann.with("").post(callEventsPath+"?call="+call, body, signed, "Content-Type: "+kind)
	}
	const form = "application/x-www-form-urlencoded"
	// The provider's name for the call is noted right after it has taken it.
	c.Eventually("it is noted", func() bool {
		return send(url.Values{"CallSid": {"of somebody else"}, "CallStatus": {"unknown"}}.Encode(), form).status == http.StatusNotFound
	})
	send(other, form).refused(http.StatusNotFound, "not_found")
	send(`{}`, "application/json").refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
	send("a=%zz", form).refused(http.StatusBadRequest, "malformed_form")
	send("a="+strings.Repeat("x", 16<<10), form).refused(http.StatusRequestEntityTooLarge, "payload_too_large")
	c.statusIs(t, "pending")
	if after := c.kinds(); len(after) != len(before) || after["dialled"] != 0 {
		t.Errorf("the timeline had %v and has %v", before, after)
	}
}

func TestAProviderThatIsDownKeepsNobodyFromDialling(t *testing.T) {
	t.Parallel()
	c := newCallScene(t)
	c.FailCalls(errors.New("down"))
	if a := c.ann.post(c.path("/calls"), "").is(http.StatusAccepted); a.str("tel") == "" {
		t.Errorf("answered %s", a.text)
	}
	c.FailCalls(nil)
	c.AwaitCalls(1) // it is tried again
}

func TestACallThatIsRefusedIsOverAndAnotherMayFollow(t *testing.T) {
	t.Parallel()
	c := newCallScene(t)
	c.FailCalls(sostest.ErrCallRefused)
	c.ann.post(c.path("/calls"), "").is(http.StatusAccepted)
	c.Eventually("it is given up", func() bool { return c.kinds()["call_failed"] > 0 })
	c.FailCalls(nil)
	c.ann.post(c.path("/calls"), "").is(http.StatusAccepted)
	c.AwaitCalls(1)
}

func TestNobodyIsCalledForADrillACountdownOrWhatIsOver(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{Calls: true})
	ann := newPerson(t, s, "Ann")
	drill := ann.opened(`{"drill":true}`)
	counting := ann.opened(`{"countdownSeconds":30}`)
	for _, id := range []string{drill, counting} {
		ann.post("/v1/sos/tickets/"+id+"/calls", "").is(http.StatusAccepted)
		ann.command(id, "cancel").is(http.StatusOK)
		ann.post("/v1/sos/tickets/"+id+"/calls", "").is(http.StatusAccepted)
	}
	silent := ann.opened(`{"silent":true}`)
	s.VerifyAddresses(ann.id, "", "+4915112345678")
	ann.post("/v1/sos/tickets/"+silent+"/calls", "").is(http.StatusAccepted)
	if made := s.AwaitCalls(1); len(made) != 1 || made[0].Join != "" {
		t.Errorf("called: %+v", made) // the phone of somebody who hides must not ring
	}
}
