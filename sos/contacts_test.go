package sos_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/sos/sostest"
)

const contactsPath = "/v1/sos/contacts"

func TestAContactIsInvitedByALink(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{PublicURL: "https://love.example/"})
	ann, mum := newPerson(t, s, "Ann Archer"), newPerson(t, s, "")
	made := ann.post(contactsPath, `{"name":"Mum","email":"mum@example.com","phone":"+49 151 1234-5678","priority":2,"locale":"de"}`).is(http.StatusCreated)
	token := made.str("inviteToken")
	if made.str("name") != "Mum" || made.str("status") != "invited" || len(token) != 43 || made.str("inviteUrl") != "https://love.example/invite#"+token {
		t.Errorf("answered %s", made.text)
	}
	contact := ann.get(contactsPath).is(http.StatusOK).items("items")[0]
	if contact["phone"] != "+4915112345678" || contact["priority"] != 2.0 || contact["status"] != "invited" || contact["email"] != "mum@example.com" {
		t.Errorf("listed as %v", contact)
	}
	accepted := mum.post("/v1/sos/contact-invitations/accept", `{"token":"`+token+`"}`).is(http.StatusOK)
	if accepted.str("id") != made.str("id") || accepted.str("status") != "active" || accepted.str("ownerName") != "Ann Archer" {
		t.Errorf("accepted: %s", accepted.text)
	}
	list := ann.get(contactsPath).is(http.StatusOK)
	if list.items("items")[0]["status"] != "active" || strings.Contains(list.text, mum.id) || strings.Contains(list.text, token) {
		t.Errorf("listed as %s", list.text)
	}
}

func TestAnInvitationHasOneAnswer(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum, eve := newPerson(t, s, "Ann"), newPerson(t, s, ""), newPerson(t, s, "")
	answerTo := func(p person, verb, token string) answer {
		return p.post("/v1/sos/contact-invitations/"+verb, `{"token":"`+token+`"}`)
	}
	token := ann.post(contactsPath, `{"name":"Mum"}`).str("inviteToken")
	answerTo(ann, "accept", token).refused(http.StatusConflict, "own_invitation")
	answerTo(ann, "decline", token).refused(http.StatusConflict, "own_invitation")
	for range 2 {
		answerTo(mum, "accept", token).is(http.StatusOK)
	}
	answerTo(eve, "accept", token).refused(http.StatusConflict, "invitation_used")
	answerTo(eve, "decline", token).refused(http.StatusConflict, "invitation_used")
	if a := answerTo(mum, "decline", token).is(http.StatusOK); a.str("status") != "declined" {
		t.Errorf("withdrawn: %s", a.text)
	}
	answerTo(mum, "accept", token).refused(http.StatusConflict, "invitation_used")
	if a := ann.trigger("k", `{}`).is(http.StatusCreated); a.num("contactsNotified") != 0 {
		t.Errorf("somebody who withdrew is told: %s", a.text)
	}

	refused := ann.post(contactsPath, `{"name":"Eve"}`).str("inviteToken")
	for range 2 {
		if a := answerTo(eve, "decline", refused).is(http.StatusOK); a.str("status") != "declined" {
			t.Errorf("declined: %s", a.text)
		}
	}
	for _, unknown := range []string{"x", strings.Repeat("A", 43), idgen.NewV7()} {
		answerTo(mum, "accept", unknown).refused(http.StatusNotFound, "not_found")
	}
	if a := mum.post("/v1/sos/contact-invitations/accept", `{}`).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != "token" {
		t.Errorf("without a token: %s", a.text)
	}
	mum.post("/v1/sos/contact-invitations/accept", ``).refused(http.StatusBadRequest, "malformed_json")
	mum.with("").post("/v1/sos/contact-invitations/accept", `{"token":"x"}`).refused(http.StatusUnauthorized, "unauthenticated")
}

func TestAnInvitationExpiresAfterAWeek(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	late, intime := ann.post(contactsPath, `{"name":"Late"}`).str("inviteToken"), ann.post(contactsPath, `{"name":"In time"}`).str("inviteToken")
	s.Advance(7*24*time.Hour - time.Minute)
	mum = mum.with("Bearer " + s.Token(mum.id))
	mum.post("/v1/sos/contact-invitations/accept", `{"token":"`+intime+`"}`).is(http.StatusOK)
	s.Advance(2 * time.Minute)
	mum.post("/v1/sos/contact-invitations/accept", `{"token":"`+late+`"}`).refused(http.StatusGone, "invitation_expired")
	mum.post("/v1/sos/contact-invitations/decline", `{"token":"`+intime+`"}`).is(http.StatusOK)
}

func TestTheFirstOfManyWhoAcceptWins(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	token := ann.post(contactsPath, `{"name":"Mum"}`).str("inviteToken")
	var mu sync.Mutex
	var group sync.WaitGroup
	won := 0
	for range 20 {
		p := newPerson(t, s, "")
		group.Go(func() {
			a := p.post("/v1/sos/contact-invitations/accept", `{"token":"`+token+`"}`)
			mu.Lock()
			defer mu.Unlock()
			if a.status == http.StatusOK {
				won++
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d accepted", won)
	}
}

func TestNobodyIsAContactTwice(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum := newPerson(t, s, "Ann"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	token := ann.post(contactsPath, `{"name":"Mother","email":"Mum@Example.com","phone":"+4915112345678"}`).is(http.StatusCreated).str("inviteToken")
	mum.post("/v1/sos/contact-invitations/accept", `{"token":"`+token+`"}`).refused(http.StatusConflict, "duplicate_contact")
	for _, body := range []string{`{"name":"M","email":"mum@example.com"}`, `{"name":"M","phone":"+49 (151) 1234.5678"}`} {
		ann.post(contactsPath, body).refused(http.StatusConflict, "duplicate_contact")
	}
	other := ann.post(contactsPath, `{"name":"Ben"}`).str("id")
	ann.do(http.MethodPatch, contactsPath+"/"+other, `{"email":"mum@example.com"}`).refused(http.StatusConflict, "duplicate_contact")
}

func TestTenContactsAreTheLimit(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	var last string
	for i := range 10 {
		last = ann.post(contactsPath, fmt.Sprintf(`{"name":"contact %d"}`, i)).is(http.StatusCreated).str("id")
	}
	ann.post(contactsPath, `{"name":"one more"}`).refused(http.StatusConflict, "contact_limit")
	ann.do(http.MethodDelete, contactsPath+"/"+last, "").is(http.StatusNoContent)
	ann.post(contactsPath, `{"name":"one more"}`).is(http.StatusCreated)
	first := ann.get(contactsPath + "?limit=7").is(http.StatusOK)
	second := ann.get(contactsPath + "?limit=7&cursor=" + first.str("nextCursor")).is(http.StatusOK)
	if len(first.items("items")) != 7 || len(second.items("items")) != 3 || second.at("nextCursor") != nil {
		t.Errorf("pages of %d and %d", len(first.items("items")), len(second.items("items")))
	}
}

func TestTwentyInvitationsADayAreTheLimit(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	invite := func() answer { return ann.post(contactsPath, `{"name":"somebody"}`) }
	for range 20 {
		id := invite().is(http.StatusCreated).str("id")
		ann.do(http.MethodDelete, contactsPath+"/"+id, "").is(http.StatusNoContent)
		s.Advance(10 * time.Second)
	}
	a := invite().refused(http.StatusTooManyRequests, "rate_limited")
	if after := a.header.Get("Retry-After"); after < "86190" || after > "86400" || len(after) != 5 {
		t.Errorf("Retry-After: %s", after)
	}
	s.Advance(24*time.Hour - 200*time.Second + 5*time.Second)
	ann = ann.with("Bearer " + s.Token(ann.id))
	invite().is(http.StatusCreated)
	invite().refused(http.StatusTooManyRequests, "rate_limited")
}

func TestARepeatedInvitationIsTheSame(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	first := ann.post(contactsPath, `{"name":"Mum"}`, "Idempotency-Key: k").is(http.StatusCreated)
	ann.do(http.MethodPatch, contactsPath+"/"+first.str("id"), `{"name":"Mother"}`).is(http.StatusOK)
	if again := ann.post(contactsPath, ` {"name": "Mum"}`, "Idempotency-Key: k").is(http.StatusCreated); again.text != first.text {
		t.Errorf("first %s, then %s", first.text, again.text)
	}
	ann.post(contactsPath, `{"name":"Ben"}`, "Idempotency-Key: k").refused(http.StatusUnprocessableEntity, "idempotency_key_reused")
	ann.post(contactsPath, `{"name":"Ben"}`, "Idempotency-Key: \t").refused(http.StatusUnprocessableEntity, "validation_failed")
	newPerson(t, s, "").post(contactsPath, `{"name":"Ben"}`, "Idempotency-Key: k").is(http.StatusCreated)
	if n := len(ann.get(contactsPath).items("items")); n != 1 {
		t.Errorf("%d contacts", n)
	}
	s.Advance(24*time.Hour + time.Minute)
	ann = ann.with("Bearer " + s.Token(ann.id))
	if later := ann.post(contactsPath, `{"name":"Mum"}`, "Idempotency-Key: k").is(http.StatusCreated); later.str("id") == first.str("id") {
		t.Error("a day later the key still stands for the first invitation")
	}
}

func TestAContactIsChangedAndRemovedByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, eve, mum := newPerson(t, s, "Ann"), newPerson(t, s, "Eve"), newPerson(t, s, "")
	id := ann.trusts(mum, "Mum")
	a := ann.do(http.MethodPatch, contactsPath+"/"+id, `{"name":"Mother","email":"m@example.com"}`).is(http.StatusOK)
	if a.str("name") != "Mother" || a.str("email") != "m@example.com" || a.str("status") != "active" {
		t.Errorf("changed to %s", a.text)
	}
	if b := ann.do(http.MethodPatch, contactsPath+"/"+id, `{"email":""}`).is(http.StatusOK); b.at("email") != nil || b.str("name") != "Mother" {
		t.Errorf("changed to %s", b.text)
	}
	for _, other := range []string{id, idgen.NewV7(), "nonsense", strings.Repeat("x", 36)} {
		eve.do(http.MethodPatch, contactsPath+"/"+other, `{"name":"x"}`).refused(http.StatusNotFound, "not_found")
		eve.do(http.MethodDelete, contactsPath+"/"+other, "").refused(http.StatusNotFound, "not_found")
	}
	ann.do(http.MethodDelete, contactsPath+"/"+strings.ToUpper(id), "").is(http.StatusNoContent)
	ann.do(http.MethodDelete, contactsPath+"/"+id, "").refused(http.StatusNotFound, "not_found")
	if n := ann.trigger("k", `{}`).is(http.StatusCreated).num("contactsNotified"); n != 0 || len(s.Alerts()) != 0 {
		t.Errorf("%v contacts notified", n)
	}
}

func TestAContactWhoWasRemovedHearsNoMoreOfTheEmergency(t *testing.T) {
	t.Parallel()
	c := newScene(t)
	id, _ := c.ann.get(contactsPath).items("items")[0]["id"].(string)
	c.ann.do(http.MethodDelete, contactsPath+"/"+id, "").is(http.StatusNoContent)
	c.mum.get(c.path("")).refused(http.StatusNotFound, "not_found")
	c.ann.command(c.ticket, "resolve").is(http.StatusOK)
	mustBe(t, c.toldSince(2, 1), "ben sos.resolved")
}

func TestWrongContactsAreNamedFieldByField(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	for body, want := range map[string]string{
		`{}`:            "name",
		`{"name":"  "}`: "name",
		`{"name":"` + strings.Repeat("x", 101) + `"}`: "name",
		`{"name":"a\nb"}`:                                                     "name",
		`{"name":"x","email":"nobody"}`:                                       "email",
		`{"name":"x","email":"a b@example.com"}`:                              "email",
		`{"name":"x","email":"a@b.com\r\nBcc: c@d.com"}`:                      "email",
		`{"name":"x","email":"` + strings.Repeat("x", 300) + `@example.com"}`: "email",
		`{"name":"x","phone":"0151 1234"}`:                                    "phone",
		`{"name":"x","phone":"+1234567890123456"}`:                            "phone",
		`{"name":"x","priority":0}`:                                           "priority",
		`{"name":"x","priority":11}`:                                          "priority",
		`{"name":"x","priority":1.5}`:                                         "priority",
		`{"name":"x","priority":"high"}`:                                      "priority",
		`{"name":"x","locale":"<b>"}`:                                         "locale",
		`{"name":7}`:                                                          "name",
		`{"name":"","email":"x","phone":"x","priority":99,"locale":"!"}`:      "name email phone priority locale",
	} {
		if a := ann.post(contactsPath, body).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != want {
			t.Errorf("%.60s: fields %q, want %q", body, a.wrongFields(), want)
		}
	}
	ann.post(contactsPath, `{"name":"x"`).refused(http.StatusBadRequest, "malformed_json")
	ann.post(contactsPath, `{"name":"x","name":"y"}`).refused(http.StatusBadRequest, "malformed_json")
	ann.post(contactsPath, `{"name":"x"}`, "Content-Type: text/plain").refused(http.StatusUnsupportedMediaType, "unsupported_media_type")
	ann.post(contactsPath, `{"name":"`+strings.Repeat("x", 64<<10)+`"}`).refused(http.StatusRequestEntityTooLarge, "payload_too_large")
	ann.get(contactsPath+"?limit=x").refused(http.StatusUnprocessableEntity, "validation_failed")
	ann.get(contactsPath+"?cursor=x").refused(http.StatusBadRequest, "invalid_cursor")
	ann.with("").post(contactsPath, `{"name":"x"}`).refused(http.StatusUnauthorized, "unauthenticated")
	ann.post(contactsPath, `{"name":"x","colour":"red"}`).is(http.StatusCreated)
}

func TestACallForHelpNeverWaitsForAName(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	s.FailNames(errors.New("auth is down"))
	ann, mum := newPerson(t, s, "Ann Archer"), newPerson(t, s, "")
	ann.trusts(mum, "Mum")
	first := ann.opened(`{}`)
	if alert := s.AwaitAlerts(1)[0]; alert.ReporterName != "Someone" || alert.Title != "Someone needs help" {
		t.Errorf("alert: %+v", alert)
	}
	s.FailNames(nil)
	ann.command(first, "cancel").is(http.StatusOK)
	ann.command(ann.opened(`{}`), "cancel").is(http.StatusOK) // asks for the name behind the caller's back
	s.Eventually("the name is known", func() bool {
		a := ann.trigger(idgen.NewV7(), `{}`).is(http.StatusCreated)
		ann.command(a.str("ticket", "id"), "cancel").is(http.StatusOK)
		return a.str("ticket", "reporter", "name") == "Ann Archer"
	})
}
