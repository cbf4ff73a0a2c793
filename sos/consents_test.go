package sos_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/sostest"
)

func TestAnInvitationFindsWhoHasVerifiedItsAddress(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum, eve := newPerson(t, s, "Ann Archer"), newPerson(t, s, "Mum"), newPerson(t, s, "Eve")
	ann.post(contactsPath, `{"name":"Mum","email":"Mum@Example.com"}`).is(http.StatusCreated)
	ann.post(contactsPath, `{"name":"Myself","email":"ann@example.com"}`).is(http.StatusCreated)
	s.VerifyAddresses(mum.id, "mum@example.com", "+4915112345678")
	s.VerifyAddresses(ann.id, "ann@example.com", "")
	list := mum.get("/v1/sos/invitations").is(http.StatusOK)
	if items := list.items("items"); len(items) != 1 || items[0]["ownerName"] != "Ann Archer" || list.at("nextCursor") != nil {
		t.Fatalf("invited: %s", list.text)
	}
	id, _ := list.items("items")[0]["id"].(string)
	for _, other := range []person{eve, ann} {
		if n := len(other.get("/v1/sos/invitations").is(http.StatusOK).items("items")); n != 0 {
			t.Errorf("somebody else sees %d", n)
		}
		other.post("/v1/sos/invitations/"+id+"/accept", "").refused(http.StatusNotFound, "not_found")
		other.post("/v1/sos/invitations/"+id+"/decline", "").refused(http.StatusNotFound, "not_found")
	}
	mum.post("/v1/sos/invitations/x/accept", "").refused(http.StatusNotFound, "not_found")
	for range 2 {
		if a := mum.post("/v1/sos/invitations/"+id+"/accept", "").is(http.StatusOK); a.str("status") != "active" || a.str("ownerName") != "Ann Archer" {
			t.Errorf("accepted: %s", a.text)
		}
	}
	if n := len(mum.get("/v1/sos/invitations").items("items")); n != 0 {
		t.Errorf("%d are left", n)
	}
	if n := ann.trigger("k", `{}`).is(http.StatusCreated).num("contactsNotified"); n != 1 {
		t.Errorf("%v notified", n)
	}
	if a := mum.post("/v1/sos/invitations/"+id+"/decline", "").is(http.StatusOK); a.str("status") != "declined" {
		t.Errorf("withdrawn: %s", a.text)
	}
	s.FailNames(errors.New("auth is down"))
	mum.get("/v1/sos/invitations").refused(http.StatusServiceUnavailable, "unavailable")
	mum.with("").get("/v1/sos/invitations").refused(http.StatusUnauthorized, "unauthenticated")
}

func TestInvitationsComeInPages(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	mum := newPerson(t, s, "Mum")
	s.VerifyAddresses(mum.id, "mum@example.com", "")
	for _, name := range []string{"Ann", "Ben", "Cleo"} {
		newPerson(t, s, name).post(contactsPath, `{"name":"Mum","email":"mum@example.com"}`).is(http.StatusCreated)
	}
	const path = "/v1/sos/invitations"
	first := mum.get(path + "?limit=2").is(http.StatusOK)
	second := mum.get(path + "?limit=2&cursor=" + first.str("nextCursor")).is(http.StatusOK)
	var owners []any
	for _, i := range append(first.items("items"), second.items("items")...) {
		owners = append(owners, i["ownerName"])
	}
	if diff := cmp.Diff([]any{"Cleo", "Ben", "Ann"}, owners); diff != "" || second.at("nextCursor") != nil {
		t.Errorf("%s, then %s", first.text, second.text)
	}
	for _, query := range []string{"?limit=0", "?limit=101", "?limit=x"} {
		mum.get(path+query).refused(http.StatusUnprocessableEntity, "validation_failed")
	}
	mum.get(path+"?cursor=x").refused(http.StatusBadRequest, "invalid_cursor")
}

func TestWhoHasNoAppConsentsByATokenThatOnlyAMessageBrings(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	made := ann.post(contactsPath, `{"name":"Gran","phone":"+4915112345678"}`, "Idempotency-Key: k").is(http.StatusCreated)
	ann.post(contactsPath, `{"name":"Gran","phone":"+4915112345678"}`, "Idempotency-Key: k").is(http.StatusCreated)
	tokens := s.ConsentTokens("+4915112345678")
	if len(tokens) != 1 || strings.Contains(made.text, tokens[0]) {
		t.Fatalf("%d messages; the owner was told %s", len(tokens), made.text)
	}
	asked := sostest.Letter{Channel: "sms", To: "+4915112345678", Kind: "contact.consent", URL: "http://localhost:3000/consent#" + tokens[0]}
	if letters := s.AwaitLetters(1); letters[0] != asked {
		t.Errorf("asked by %+v", letters)
	}
	answerTo := func(token, accept string) answer {
		return ann.with("").post("/v1/sos/public/contact-consents", fmt.Sprintf(`{"token":%q,"accept":%s}`, token, accept))
	}
	answerTo(made.str("inviteToken"), "true").refused(http.StatusNotFound, "not_found") // the owner's link is no consent
	for range 2 {
		if a := answerTo(tokens[0], "true").is(http.StatusOK); a.str("status") != "active" || a.str("ownerName") != "Ann" {
			t.Errorf("agreed: %s", a.text)
		}
	}
	opened := ann.trigger("k", `{}`).is(http.StatusCreated)
	if opened.num("contactsNotified") != 1 {
		t.Errorf("notified: %s", opened.text)
	}
	alarm := s.AwaitLetters(2)[1]
	_, link, isLink := strings.Cut(alarm.URL, "/track#")
	if alarm.Kind != "sos.triggered" || alarm.To != "+4915112345678" || !isLink {
		t.Errorf("alarmed by %+v", alarm)
	}
	ann.with("").byLink("ack", link).is(http.StatusOK)
	if a := ann.get("/v1/sos/tickets/" + opened.str("ticket", "id")); a.str("acknowledgedBy", "name") != "Gran" {
		t.Errorf("acknowledged: %s", a.text)
	}
	if a := answerTo(tokens[0], "false").is(http.StatusOK); a.str("status") != "declined" {
		t.Errorf("withdrawn: %s", a.text)
	}
	answerTo(tokens[0], "true").refused(http.StatusConflict, "invitation_used")
	answerTo("x", "true").refused(http.StatusNotFound, "not_found")
	for body, fields := range map[string]string{`{}`: "token accept", `{"token":"x"}`: "accept", `{"token":"x","accept":"yes"}`: "accept"} {
		if a := ann.post("/v1/sos/public/contact-consents", body).refused(http.StatusUnprocessableEntity, "validation_failed"); a.wrongFields() != fields {
			t.Errorf("%s: %s", body, a.text)
		}
	}
}

func TestANewAddressHasAgreedToNothing(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann := newPerson(t, s, "Ann")
	made := ann.post(contactsPath, `{"name":"Gran","email":"gran@example.com"}`).is(http.StatusCreated)
	ann.with("").post("/v1/sos/public/contact-consents", `{"token":"`+s.ConsentTokens("gran@example.com")[0]+`","accept":true}`).is(http.StatusOK)
	if a := ann.do(http.MethodPatch, contactsPath+"/"+made.str("id"), `{"name":"Granny"}`).is(http.StatusOK); a.str("status") != "active" {
		t.Errorf("renamed: %s", a.text)
	}
	change := func(email string) {
		t.Helper()
		if a := ann.do(http.MethodPatch, contactsPath+"/"+made.str("id"), `{"email":"`+email+`"}`).is(http.StatusOK); a.str("status") != "invited" {
			t.Errorf("with another address: %s", a.text)
		}
	}
	answerTo := func(email string) answer {
		t.Helper()
		tokens := s.ConsentTokens(email)
		if len(tokens) != 1 {
			t.Fatalf("%s was asked %d times", email, len(tokens))
		}
		return ann.with("").post("/v1/sos/public/contact-consents", `{"token":"`+tokens[0]+`","accept":true}`)
	}
	change("eve@example.com")
	change("eva@example.com")
	for _, before := range []string{"gran@example.com", "eve@example.com"} { // they are not meant any more
		answerTo(before).refused(http.StatusNotFound, "not_found")
	}
	for range 2 {
		if a := answerTo("eva@example.com").is(http.StatusOK); a.str("status") != "active" {
			t.Errorf("agreed at the new address: %s", a.text)
		}
	}
}

func TestAContactIsSentATestThatIsMarkedAsOne(t *testing.T) {
	t.Parallel()
	s := sostest.Start(t, sostest.Options{})
	ann, mum, eve := newPerson(t, s, "Ann Archer"), newPerson(t, s, ""), newPerson(t, s, "")
	id := ann.trusts(mum, "Mum")
	test := func(p person, id string) answer { return p.post(contactsPath+"/"+id+"/test", "") }
	test(ann, id).is(http.StatusAccepted)
	alert := s.AwaitAlerts(1)[0]
	if alert.Recipient != mum.id || alert.Kind != "sos.test" || alert.Title != "Test: Ann Archer would reach you here" || alert.Priority == "critical" || alert.HasLocation {
		t.Errorf("sent %+v", alert)
	}
	if a := test(ann, id).refused(http.StatusTooManyRequests, "rate_limited"); a.header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After: %s", a.text)
	}
	s.Advance(time.Minute)
	test(ann, id).is(http.StatusAccepted)
	test(eve, id).refused(http.StatusNotFound, "not_found")
	test(ann, "x").refused(http.StatusNotFound, "not_found")
	invited := ann.post(contactsPath, `{"name":"Ben","email":"ben@example.com"}`).str("id")
	test(ann, invited).refused(http.StatusConflict, "contact_not_active")
	ann.post("/v1/sos/public/contact-consents", `{"token":"`+s.ConsentTokens("ben@example.com")[0]+`","accept":true}`).is(http.StatusOK)
	s.CloseChannel("email", true)
	test(ann, invited).refused(http.StatusConflict, "channel_unavailable")
	s.CloseChannel("email", false)
	s.Advance(time.Minute)
	test(ann, invited).is(http.StatusAccepted)
	letters := s.Letters()
	if last := letters[len(letters)-1]; last.Kind != "sos.test" || last.To != "ben@example.com" || last.URL != "" {
		t.Errorf("tested by %+v", letters)
	}
	s.FailAlerts(errors.New("notification is down"))
	s.Advance(time.Minute)
	test(ann, id).refused(http.StatusServiceUnavailable, "unavailable")
}
