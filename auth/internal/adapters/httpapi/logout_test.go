package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

const (
	logout   = "/v1/auth/logout"
	sessions = "/v1/auth/sessions"
	profile  = "/v1/auth/profile"
)

// devices signs one person in on three phones, and somebody else.
func devices(t *testing.T) (a *authtest.Auth, ana [3]authtest.Session, bea authtest.Session) {
	t.Helper()
	a = authtest.Start(t, authtest.Options{})
	ana[0] = a.Register("ana@example.org", "Ana")
	for i := range 2 {
		got := newPhone(t, a).post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
		ana[i+1] = authtest.Session{SessionID: got.text("sessionId"), AccessToken: got.text("accessToken"), RefreshToken: got.text("refreshToken"), DeviceToken: got.text("deviceToken")}
	}
	return a, ana, a.Register("bea@example.org", "Bea")
}

// signedOut says that neither token of a session is good.
func signedOut(p phone, s authtest.Session) {
	p.t.Helper()
	p.as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "session_ended")
	p.on(s.DeviceToken).post(refresh, refreshing(p.t, s.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
}

func stillSignedIn(p phone, s authtest.Session) {
	p.t.Helper()
	p.as(s.AccessToken).get(profile).is(http.StatusOK, "")
	p.on(s.DeviceToken).post(refresh, refreshing(p.t, s.RefreshToken)).is(http.StatusOK, "")
}

func TestSigningOutEndsWhatWasAskedForAtOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		ends [3]bool
	}{
		"no body": {"", [3]bool{true, false, false}},
		"{}":      {`{}`, [3]bool{true, false, false}},
		"null":    {`{"scope": null}`, [3]bool{true, false, false}},
		"current": {`{"scope": "current"}`, [3]bool{true, false, false}},
		"others":  {`{"scope": "others"}`, [3]bool{false, true, true}},
		"all":     {`{"scope": "all"}`, [3]bool{true, true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, ana, bea := devices(t)
			p := newPhone(t, a)
			if got := p.as(ana[0].AccessToken).post(logout, c.body).is(http.StatusNoContent, ""); len(got.raw) != 0 {
				t.Errorf("a body: %s", got.raw)
			}
			for i, s := range ana {
				if c.ends[i] {
					signedOut(p, s)
				} else {
					stillSignedIn(p, s)
				}
			}
			stillSignedIn(p, bea)
			if n := strings.Count(strings.Join(a.Events(), " "), "session.ended"); n != 1 {
				t.Errorf("%d events in %v", n, a.Events())
			}
		})
	}
}

func TestSigningOutNeedsNoContentTypeWithoutABody(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	newPhone(t, a).as(a.Register("ana@example.org", "").AccessToken).send(http.MethodPost, logout, nil, "").is(http.StatusNoContent, "")
}

func TestSigningOutTwiceSaysThatTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "").AccessToken)
	p.post(logout, "").is(http.StatusNoContent, "")
	p.post(logout, "").is(http.StatusUnauthorized, "session_ended")
}

func TestAScopeThatIsNoneEndsNothing(t *testing.T) {
	t.Parallel()
	a, ana, _ := devices(t)
	p := newPhone(t, a)
	for body, want := range map[string]map[string]string{
		`{"scope": "everybody"}`: {"scope": "invalid_choice"},
		`{"scope": ""}`:          {"scope": "invalid_choice"},
		`{"scope": ["all"]}`:     {"scope": "invalid_type"},
	} {
		got := p.as(ana[0].AccessToken).post(logout, body).is(http.StatusUnprocessableEntity, "validation_failed")
		if diff := cmp.Diff(want, got.fields()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	p.as(ana[0].AccessToken).post(logout, `{"userId": "`+ana[1].UserID+`"}`).is(http.StatusUnprocessableEntity, "unknown_field")
	p.as(ana[0].AccessToken).send(http.MethodPost, logout, strings.NewReader(`scope=all`), "text/plain").is(http.StatusUnsupportedMediaType, "unsupported_media_type")
	stillSignedIn(p, ana[1])
}

func TestSessionsAreListedNewestFirstPageByPage(t *testing.T) {
	t.Parallel()
	a, ana, _ := devices(t)
	p := newPhone(t, a).as(ana[1].AccessToken)
	var got, current []string
	path := sessions + "?limit=2"
	for page := 1; ; page++ {
		body := p.get(path).is(http.StatusOK, "").body()
		items, _ := body["items"].([]any)
		for _, item := range items {
			s, _ := item.(map[string]any)
			id, _ := s["id"].(string)
			got = append(got, id)
			if isCurrent, _ := s["current"].(bool); isCurrent {
				current = append(current, id)
			}
			if s["ip"] != "127.0.0.1" || s["createdAt"] == "" || s["lastUsedAt"] == "" {
				t.Errorf("%v", s)
			}
		}
		next, more := body["nextCursor"].(string)
		if !more {
			break
		}
		path = sessions + "?limit=2&cursor=" + next
	}
	if diff := cmp.Diff([]string{ana[2].SessionID, ana[1].SessionID, ana[0].SessionID}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{ana[1].SessionID}, current); diff != "" {
		t.Error(diff)
	}
}

func TestASessionShowsWhatItsDeviceTold(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a)
	got := p.post(register, `{"email": "ana@example.org", "password": "correct horse battery", "deviceName": "Ana's phone"}`).is(http.StatusCreated, "")
	items, _ := p.as(got.text("accessToken")).get(sessions).body()["items"].([]any)
	s, _ := items[0].(map[string]any)
	if s["deviceName"] != "Ana's phone" || s["userAgent"] != "LoveApp/1.0" {
		t.Fatalf("%v", s)
	}
}

func TestPagesThatCannotBe(t *testing.T) {
	t.Parallel()
	a, ana, _ := devices(t)
	p := newPhone(t, a).as(ana[0].AccessToken)
	for _, limit := range []string{"0", "101", "-1", "x", "1.5", "9999999999999999999"} {
		p.get(sessions+"?limit="+limit).is(http.StatusUnprocessableEntity, "validation_failed")
	}
	next := p.get(sessions + "?limit=1").text("nextCursor")
	for _, cursor := range []string{"x", next + "A", next[1:], ana[0].SessionID} {
		p.get(sessions+"?cursor="+cursor).is(http.StatusBadRequest, "invalid_cursor")
	}
}

func TestOneSessionCanBeEndedByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	a, ana, bea := devices(t)
	p := newPhone(t, a)
	p.as(bea.AccessToken).delete(sessions+"/"+ana[1].SessionID).is(http.StatusNotFound, "not_found")
	stillSignedIn(p, ana[1])
	p.as(ana[0].AccessToken).delete(sessions+"/"+ana[1].SessionID).is(http.StatusNoContent, "")
	signedOut(p, ana[1])
	p.as(ana[0].AccessToken).delete(sessions+"/"+ana[1].SessionID).is(http.StatusNotFound, "not_found")
	stillSignedIn(p, ana[0])
	p.as(ana[2].AccessToken).delete(sessions+"/"+ana[2].SessionID).is(http.StatusNoContent, "")
	signedOut(p, ana[2])
	if !slices.Contains(a.Events(), "session.ended") {
		t.Error("nothing was recorded")
	}
}

func TestIdsThatAreNoneAreNotFound(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "")
	p := newPhone(t, a).as(s.AccessToken)
	for _, id := range []string{"x", "'%20OR%201=1", strings.ToUpper(s.SessionID), s.SessionID + "0", "%00", "", "01900000-0000-7000-8000-000000000000"} {
		p.delete(sessions+"/"+id).is(http.StatusNotFound, "not_found")
	}
	stillSignedIn(p, s)
}
