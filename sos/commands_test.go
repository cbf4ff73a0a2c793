package sos_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/sostest"
)

// scene is an alarm with everybody who may have to do with it.
type scene struct {
	*sostest.SOS
	ann, mum, ben, staff, stranger person
	ticket                         string
}

func newScene(t *testing.T) scene {
	t.Helper()
	s := sostest.Start(t, sostest.Options{})
	c := scene{
		SOS: s, ann: newPerson(t, s, "Ann"), mum: newPerson(t, s, "Margaret"), ben: newPerson(t, s, "Benjamin"),
		staff: newStaff(t, s), stranger: newPerson(t, s, ""),
	}
	c.ann.trusts(c.mum, "Mum")
	c.ann.trusts(c.ben, "Ben")
	c.ticket = c.ann.opened(`{"emergencyType":"violence"}`)
	c.AwaitAlerts(2)
	return c
}

func (c scene) path(suffix string) string { return "/v1/sos/tickets/" + c.ticket + suffix }

// toldSince gives "recipient kind" of the alerts behind the first n.
func (c scene) toldSince(n, more int) []string {
	names := map[string]string{c.ann.id: "ann", c.mum.id: "mum", c.ben.id: "ben", c.staff.id: "staff"}
	var told []string
	for _, a := range c.AwaitAlerts(n + more)[n:] {
		told = append(told, names[a.Recipient]+" "+a.Kind)
	}
	slices.Sort(told)
	return told
}

func mustBe(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAnAcknowledgementReachesTheReporterAndTheOtherContacts(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	a := c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	if a.str("status") != "pending" || a.str("acknowledgedBy", "kind") != "contact" || a.str("acknowledgedBy", "name") != "Mum" || a.str("acknowledgedAt") == "" {
		t.Errorf("answered %s", a.text)
	}
	mustBe(t, c.toldSince(2, 2), "ann sos.acknowledged", "ben sos.acknowledged")
	if again := c.mum.command(c.ticket, "acknowledge").is(http.StatusOK); again.num("version") != a.num("version") {
		t.Errorf("a repeat changed the ticket: %s", again.text)
	}
	second := c.ben.post(c.path("/acknowledge"), `{"note":"on my way"}`).is(http.StatusOK)
	if second.str("acknowledgedBy", "name") != "Mum" || second.str("acknowledgedAt") != a.str("acknowledgedAt") {
		t.Errorf("the second acknowledgement took the place of the first: %s", second.text)
	}
	mustBe(t, c.toldSince(4, 2), "ann sos.acknowledged", "mum sos.acknowledged")
}

func TestResolvingTellsTheContacts(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	a := c.ann.post(c.path("/resolve"), `{"outcome":"helped","note":"thank you"}`).is(http.StatusOK)
	if a.str("status") != "resolved" || a.str("outcome") != "helped" || a.str("closedAt") == "" {
		t.Errorf("answered %s", a.text)
	}
	mustBe(t, c.toldSince(2, 2), "ben sos.resolved", "mum sos.resolved")
	if again := c.ann.post(c.path("/resolve"), `{"outcome":"safe"}`).is(http.StatusOK); again.str("outcome") != "helped" || again.num("version") != a.num("version") {
		t.Errorf("a repeat changed the ticket: %s", again.text)
	}
}

func TestCancellingTellsTheContactsOfAFalseAlarm(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	if a := c.ann.command(c.ticket, "cancel").is(http.StatusOK); a.str("status") != "cancelled" || a.str("outcome") != "false_alarm" {
		t.Errorf("answered %s", a.text)
	}
	mustBe(t, c.toldSince(2, 2), "ben sos.cancelled", "mum sos.cancelled")
	if title := c.Alerts()[2].Title; title != "Ann's call for help was a false alarm" {
		t.Errorf("title %q", title)
	}
}

func TestADispatcherHandlesWhatTheReporterCannot(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.staff.get(c.path("")).is(http.StatusOK)
	if a := c.staff.command(c.ticket, "acknowledge").is(http.StatusOK); a.str("acknowledgedBy", "kind") != "dispatcher" {
		t.Errorf("acknowledged: %s", a.text)
	}
	if a := c.staff.command(c.ticket, "raise").is(http.StatusOK); a.str("priority") != "critical" {
		t.Errorf("raised: %s", a.text)
	}
	if a := c.staff.post(c.path("/raise"), `{"priority":"low"}`).is(http.StatusOK); a.str("priority") != "critical" {
		t.Errorf("raised to less: %s", a.text)
	}
	c.staff.post(c.path("/cancel"), `{"note":"a prank"}`).is(http.StatusOK)
	mustBe(t, c.toldSince(2, 6), "ann sos.acknowledged", "ann sos.cancelled", "ben sos.acknowledged", "ben sos.cancelled", "mum sos.acknowledged", "mum sos.cancelled")
}

func TestReopeningSoundsTheAlarmAgain(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.mum.command(c.ticket, "acknowledge").is(http.StatusOK)
	c.ann.command(c.ticket, "resolve").is(http.StatusOK)
	c.AwaitAlerts(6)
	a := c.ann.command(c.ticket, "reopen").is(http.StatusOK)
	if a.str("status") != "pending" || a.at("outcome") != nil || a.at("closedAt") != nil || a.at("acknowledgedBy") != nil {
		t.Errorf("answered %s", a.text)
	}
	mustBe(t, c.toldSince(6, 2), "ben sos.triggered", "mum sos.triggered")
	if again := c.ann.command(c.ticket, "reopen").is(http.StatusOK); again.num("version") != a.num("version") {
		t.Errorf("a repeat changed the ticket: %s", again.text)
	}
}

func TestATicketIsReopenedForAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.command(c.ticket, "resolve").is(http.StatusOK)
	c.Advance(15*time.Minute + time.Second)
	ann := c.ann.with("Bearer " + c.Token(c.ann.id))
	a := ann.command(c.ticket, "reopen").refused(http.StatusConflict, "invalid_transition")
	if allowed := a.at("allowed"); allowed == nil || strings.Contains(a.text, `"reopen"`) {
		t.Errorf("allowed: %v", allowed)
	}
}

func TestATicketIsNotReopenedBesideAnotherOpenOne(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.ann.command(c.ticket, "cancel").is(http.StatusOK)
	c.ann.opened(`{}`)
	c.ann.command(c.ticket, "reopen").refused(http.StatusConflict, "open_ticket_exists")
}

func TestSendNowEndsTheCountdown(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	id := ann.opened(`{"countdownSeconds":30}`)
	a := ann.command(id, "send-now").is(http.StatusOK)
	if a.str("status") != "pending" || a.at("countdownEndsAt") != nil {
		t.Errorf("answered %s", a.text)
	}
	if again := ann.command(id, "send-now").is(http.StatusOK); again.num("version") != a.num("version") {
		t.Errorf("a repeat changed the ticket: %s", again.text)
	}
	s.Advance(59 * time.Second) // the countdown would have been over, and nobody has had to be told again
	ann = ann.with("Bearer " + s.Token(ann.id))
	ann.command(id, "cancel").is(http.StatusOK)
	if alerts := s.AwaitAlerts(2); len(alerts) != 2 || alerts[0].Kind != "sos.triggered" || alerts[1].Kind != "sos.cancelled" {
		t.Errorf("alerts: %+v", alerts)
	}
}

func TestACommandOutOfPlaceNamesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	allowed := func(a answer) string {
		var names []string
		list, _ := a.at("allowed").([]any)
		for _, v := range list {
			name, _ := v.(string)
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	for _, tc := range []struct {
		who     person
		command string
		want    string
	}{
		{c.ann, "send-now", "comment resolve cancel"},
		{c.ann, "reopen", "comment resolve cancel"},
		{c.staff, "reopen", "acknowledge raise comment resolve cancel"},
	} {
		if got := allowed(tc.who.command(c.ticket, tc.command).refused(http.StatusConflict, "invalid_transition")); got != tc.want {
			t.Errorf("%s: allowed %q, want %q", tc.command, got, tc.want)
		}
	}
	c.ann.command(c.ticket, "resolve").is(http.StatusOK)
	if got := allowed(c.ann.command(c.ticket, "cancel").refused(http.StatusConflict, "invalid_transition")); got != "comment reopen" {
		t.Errorf("after the end: allowed %q", got)
	}
	if got := allowed(c.mum.command(c.ticket, "acknowledge").refused(http.StatusConflict, "invalid_transition")); got != "comment" {
		t.Errorf("a contact after the end: allowed %q", got)
	}
}

func TestEverybodyDoesOnlyWhatTheirPartAllows(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for command, forbidden := range map[string][]person{
		"acknowledge": {c.ann},
		"resolve":     {c.mum},
		"cancel":      {c.mum, c.ben},
		"send-now":    {c.mum, c.staff},
		"reopen":      {c.mum},
		"raise":       {c.ann, c.mum},
	} {
		for _, p := range forbidden {
			p.command(c.ticket, command).refused(http.StatusForbidden, "forbidden")
		}
		c.stranger.command(c.ticket, command).refused(http.StatusNotFound, "not_found")
	}
	for _, suffix := range []string{"", "/timeline"} {
		c.stranger.get(c.path(suffix)).refused(http.StatusNotFound, "not_found")
		for _, p := range []person{c.ann, c.mum, c.staff} {
			p.get(c.path(suffix)).is(http.StatusOK)
		}
	}
}

func TestAStrangerCannotTellATicketFromNone(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	withoutID := func(a answer) string { return strings.ReplaceAll(a.text, a.str("requestId"), "") }
	want := withoutID(c.stranger.get("/v1/sos/tickets/"+idgen.NewV7()).refused(http.StatusNotFound, "not_found"))
	if got := withoutID(c.stranger.get(c.path("")).refused(http.StatusNotFound, "not_found")); got != want {
		t.Errorf("%s differs from %s", got, want)
	}
}

func TestAnExpiredTokenOpensOnesOwnEmergencyAndNothingElse(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for name, proof := range map[string]func(person) string{
		"an expired token": func(p person) string {
			return "Bearer " + c.TokenWith(p.id, sostest.TokenOptions{Expired: true, Role: "ADMIN"})
		},
		"a SOS credential": func(p person) string { return "SOS " + c.SOSCredential(p.id, idgen.NewV7()) },
	} {
		ann, mum := c.ann.with(proof(c.ann)), c.mum.with(proof(c.mum))
		ann.get(c.path("")).is(http.StatusOK)
		ann.get(c.path("/timeline")).is(http.StatusOK)
		ann.command(c.ticket, "send-now").refused(http.StatusConflict, "invalid_transition")
		mum.get(c.path("")).refused(http.StatusNotFound, "not_found")
		for _, command := range []string{"cancel", "resolve", "acknowledge", "reopen", "raise", "comment"} {
			if a := ann.command(c.ticket, command); a.status != http.StatusUnauthorized {
				t.Errorf("%s opens %s: %s", name, command, a.text)
			}
		}
		for _, path := range []string{"/v1/sos/contacts", "/v1/sos/tickets"} {
			if a := ann.get(path); a.status != http.StatusUnauthorized {
				t.Errorf("%s opens %s: %s", name, path, a.text)
			}
		}
	}
	c.ann.with("Bearer "+c.TokenWith(c.ann.id, sostest.TokenOptions{Expired: true})).get("/v1/sos/contacts").refused(http.StatusUnauthorized, "token_expired")
}

func TestASessionThatHasEndedOpensNothing(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	session := idgen.NewV7()
	ann := c.ann.with("Bearer " + c.TokenWith(c.ann.id, sostest.TokenOptions{Session: session}))
	ann.get(c.path("")).is(http.StatusOK)
	c.SignOut(session)
	ann.get(c.path("")).refused(http.StatusUnauthorized, "session_ended")
	ann.command(c.ticket, "cancel").refused(http.StatusUnauthorized, "session_ended")
	c.ann.with("SOS "+c.SOSCredential(c.ann.id, session)).get(c.path("")).refused(http.StatusUnauthorized, "session_ended")
}

func TestWrongValuesOfACommandAreNamed(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	long := strings.Repeat("x", 2001)
	for _, tc := range []struct {
		who           person
		command, body string
		status        int
		code, fields  string
	}{
		{c.ann, "resolve", `{"outcome":"fine"}`, 422, "validation_failed", "outcome"},
		{c.ann, "resolve", `{"outcome":1}`, 422, "validation_failed", "outcome"},
		{c.ann, "resolve", `{"note":"` + long + `"}`, 422, "validation_failed", "note"},
		{c.ann, "cancel", `{"note":"` + long + `"}`, 422, "validation_failed", "note"},
		{c.mum, "acknowledge", `{"note":"` + long + `"}`, 422, "validation_failed", "note"},
		{c.ann, "reopen", `{"note":"` + long + `"}`, 422, "validation_failed", "note"},
		{c.staff, "raise", `{"priority":"loud"}`, 422, "validation_failed", "priority"},
		{c.staff, "raise", `{"note":"` + long + `"}`, 422, "validation_failed", "note"},
		{c.ann, "comment", `{"note":" "}`, 422, "validation_failed", "note"},
		{c.ann, "comment", `{"note":"` + long + `"}`, 422, "validation_failed", "note"},
		{c.ann, "comment", ``, 422, "validation_failed", "note"},
		{c.ann, "resolve", `{"outcome":"safe","outcome":"safe"}`, 400, "malformed_json", ""},
		{c.ann, "resolve", `{"Outcome":"safe"}`, 400, "malformed_json", ""},
		{c.ann, "resolve", `{"note":"\u0000"}`, 400, "malformed_json", ""},
		{c.ann, "resolve", `[]`, 400, "malformed_json", ""},
		{c.ann, "resolve", `{"note":"` + strings.Repeat("x", 64<<10) + `"}`, 413, "payload_too_large", ""},
	} {
		a := tc.who.post(c.path("/"+tc.command), tc.body).refused(tc.status, tc.code)
		if a.wrongFields() != tc.fields {
			t.Errorf("%s %.40s: fields %q, want %q", tc.command, tc.body, a.wrongFields(), tc.fields)
		}
	}
	c.ann.post(c.path("/resolve"), `{}`, "Content-Type: text/plain").refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
	if a := c.ann.get(c.path("")); a.str("status") != "pending" || a.num("version") != 1 {
		t.Errorf("something went through: %s", a.text)
	}
	c.ann.post(c.path("/resolve"), `{"pin":"1234","colour":"red"}`).is(http.StatusOK)
}

func TestACommentIsAddedOnceForEachKey(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	for range 2 {
		c.mum.post(c.path("/comment"), `{"note":"ten minutes away"}`, "Idempotency-Key: k").is(http.StatusOK)
	}
	c.mum.post(c.path("/comment"), `{"note":"five"}`, "Idempotency-Key: k").refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	c.mum.post(c.path("/comment"), `{"note":"five"}`, "Idempotency-Key: a b").refused(http.StatusUnprocessableEntity, "validation_failed")
	c.mum.post(c.path("/comment"), `{"note":"five"}`).is(http.StatusOK)
	var kinds []string
	for _, e := range c.ann.get(c.path("/timeline")).is(http.StatusOK).items("items") {
		kind, _ := e["kind"].(string)
		kinds = append(kinds, kind)
	}
	mustBe(t, kinds, "created", "sent", "comment", "comment")
}

func TestARepeatedCommentIsAnsweredLikeTheFirst(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	path := "/v1/sos/tickets/" + ann.opened(`{"address":"Main St 1","location":{"latitude":52.5,"longitude":13.4}}`) + "/comment"
	first := ann.post(path, `{"note":"behind the door"}`, "Idempotency-Key: k").is(http.StatusOK)
	again := ann.post(path, `{"note":"behind the door"}`, "Idempotency-Key: k").is(http.StatusOK)
	if again.text != first.text || again.num("location", "latitude") != 52.5 {
		t.Errorf("again: %s, first %s", again.text, first.text)
	}
}

func TestTheTimelineTellsWhatHappened(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	c.mum.post(c.path("/acknowledge"), `{"note":"coming"}`).is(http.StatusOK)
	c.ann.post(c.path("/resolve"), `{"outcome":"safe"}`).is(http.StatusOK)
	var told []string
	next := c.path("/timeline?limit=2")
	for range 3 {
		page := c.mum.get(next).is(http.StatusOK)
		for _, e := range page.items("items") {
			actor, _ := e["actor"].(map[string]any)
			kind, _ := e["kind"].(string)
			who, _ := actor["kind"].(string)
			name, _ := actor["name"].(string)
			told = append(told, strings.TrimSpace(who+" "+name)+" "+kind)
		}
		if page.at("nextCursor") == nil {
			break
		}
		next = c.path("/timeline?limit=2&cursor=" + page.str("nextCursor"))
	}
	mustBe(t, told, "reporter Ann created", "reporter Ann sent", "contact Mum acknowledged", "reporter Ann resolved")
	c.mum.get(c.path("/timeline?cursor=x")).refused(http.StatusBadRequest, "invalid_cursor")
	c.mum.get(c.path("/timeline?limit=0")).refused(http.StatusUnprocessableEntity, "validation_failed")
}

func TestListsShowOnesOwnTicketsAndThoseOneWasCalledTo(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	ids := func(a answer) []string {
		var list []string
		for _, item := range a.is(http.StatusOK).items("items") {
			id, _ := item["id"].(string)
			list = append(list, id)
		}
		return list
	}
	c.ann.command(c.ticket, "cancel").is(http.StatusOK)
	second := c.ann.opened(`{}`)
	mustBe(t, ids(c.ann.get("/v1/sos/tickets")), second, c.ticket)
	mustBe(t, ids(c.ann.get("/v1/sos/tickets?scope=mine&status=cancelled")), c.ticket)
	mustBe(t, ids(c.mum.get("/v1/sos/tickets?scope=contact")), second, c.ticket)
	mustBe(t, ids(c.mum.get("/v1/sos/tickets")))
	mustBe(t, ids(c.stranger.get("/v1/sos/tickets?scope=contact")))
	first := c.ann.get("/v1/sos/tickets?limit=1").is(http.StatusOK)
	rest := c.ann.get("/v1/sos/tickets?limit=1&cursor=" + first.str("nextCursor")).is(http.StatusOK)
	mustBe(t, append(ids(first), ids(rest)...), second, c.ticket)
	if rest.at("nextCursor") != nil || !strings.Contains(rest.text, `"nextCursor":null`) {
		t.Errorf("the last page: %s", rest.text)
	}
	for query, code := range map[string]string{
		"scope=all": "validation_failed", "status=open": "validation_failed", "limit=101": "validation_failed", "scope=mine&scope=mine": "validation_failed",
		"cursor=" + first.str("nextCursor") + "x": "invalid_cursor",
	} {
		if a := c.ann.get("/v1/sos/tickets?" + query); a.str("code") != code {
			t.Errorf("?%s: %s", query, a.text)
		}
	}
}
