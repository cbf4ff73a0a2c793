package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

const login = "/v1/auth/login"

func TestTheRightPasswordOpensAnotherSession(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	first := a.Register("ana@example.org", "Ana")
	got := newPhone(t, a).post(login, credentials(t, "ANA@example.org", authtest.Password)).is(http.StatusOK, "")
	if id := got.text("sessionId"); id == "" || id == first.SessionID {
		t.Errorf("session %q after %q", id, first.SessionID)
	}
	newPhone(t, a).as(got.text("accessToken")).get("/v1/auth/profile").is(http.StatusOK, "")
	newPhone(t, a).as(first.AccessToken).get("/v1/auth/profile").is(http.StatusOK, "")
	if diff := cmp.Diff([]string{"user.registered", "session.started"}, a.Events()); diff != "" {
		t.Error(diff)
	}
}

func TestAPasswordIsTheSameOnEveryKeyboard(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	p.post(register, credentials(t, "ana@example.org", "pa\u0308ssword of mine")).is(http.StatusCreated, "")
	p.post(login, credentials(t, "ana@example.org", "p\u00e4ssword of mine")).is(http.StatusOK, "")
	p.post(login, credentials(t, "ana@example.org", "passsword of mine")).is(http.StatusUnauthorized, "invalid_credentials")
}

func TestUnknownWrongAndBannedAreOneAnswer(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	a.Ban(a.Register("bea@example.org", "Bea").UserID)
	p := newPhone(t, a)
	want := p.post(login, credentials(t, "nobody@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	for name, body := range map[string]string{
		"wrong":             credentials(t, "ana@example.org", "incorrect horse battery"),
		"wrong and short":   credentials(t, "ana@example.org", "x"),
		"unknown and short": credentials(t, "nobody@example.org", "x"),
		"banned":            credentials(t, "bea@example.org", authtest.Password),
		"banned and wrong":  credentials(t, "bea@example.org", "incorrect horse battery"),
	} {
		got := p.post(login, body).is(http.StatusUnauthorized, "invalid_credentials")
		if diff := cmp.Diff(want.problem(), got.problem()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(want.header.Get("WWW-Authenticate"), got.header.Get("WWW-Authenticate")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestAPhoneThatSignsInAgainIsTheSameDevice(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	ana, bea := a.Register("ana@example.org", "Ana"), a.Register("bea@example.org", "Bea")
	p := newPhone(t, a)
	device := func(deviceToken string) string {
		return p.on(deviceToken).post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "").text("deviceToken")
	}
	if got := device(ana.DeviceToken); got != ana.DeviceToken {
		t.Error("its own token was not recognised")
	}
	for name, foreign := range map[string]string{"none": "", "garbage": "garbage", "somebody else's": bea.DeviceToken, "changed": ana.DeviceToken + "A"} {
		if got := device(foreign); got == "" || got == ana.DeviceToken || got == bea.DeviceToken {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSignInsOfTheWrongFormAreNamed(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	for body, want := range map[string]map[string]string{
		`{}`:               {"email": "required", "password": "required"},
		`{"email": "ana"}`: {"email": "invalid_format", "password": "required"},
		`{"email": "\u212aate@example.org", "password": "x"}`:                               {"email": "confusable"},
		`{"email": "ana@example.org", "password": 12345678}`:                                {"password": "invalid_type"},
		`{"email": "ana@example.org", "password": {"$ne": ""}}`:                             {"password": "invalid_type"},
		`{"email": "ana@example.org", "password": "` + strings.Repeat("x", 129) + `"}`:      {"password": "too_long"},
		`{"email": "ana@example.org", "password": "x", "deviceName": "` + "\\u202e" + `x"}`: {"deviceName": "invalid_characters"},
	} {
		if diff := cmp.Diff(want, p.post(login, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	p.post(login, `{"email": "ana@example.org", "password": "x", "role": "ADMIN"}`).is(http.StatusUnprocessableEntity, "unknown_field")
}
