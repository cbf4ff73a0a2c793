package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

const (
	changePassword = "/v1/auth/password/change"
	forgot         = "/v1/auth/password/forgot"
	reset          = "/v1/auth/password/reset"
	newPassword    = "another horse battery"
)

func changing(t *testing.T, current, chosen string) string {
	t.Helper()
	return asJSON(t, map[string]string{"currentPassword": current, "newPassword": chosen})
}

func resetting(t *testing.T, token, chosen string) string {
	t.Helper()
	return asJSON(t, map[string]string{"token": token, "newPassword": chosen})
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	here := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	there := p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
	p.as(here.AccessToken).post(changePassword, changing(t, authtest.Password, newPassword)).is(http.StatusNoContent, "")
	p.as(here.AccessToken).get(profile).is(http.StatusOK, "")
	p.as(there.text("accessToken")).get(profile).is(http.StatusUnauthorized, "session_ended")
	p.post(refresh, refreshing(t, there.text("refreshToken"))).is(http.StatusUnauthorized, "session_ended")
	p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	p.post(login, credentials(t, "ana@example.org", newPassword)).is(http.StatusOK, "")
	a.Letter("ana@example.org", "Your password was changed", 1)
}

func TestAPasswordIsChangedOnlyByWhoKnowsIt(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	p.post(changePassword, changing(t, "not this one", newPassword)).is(http.StatusUnauthorized, "invalid_credentials")
	for body, want := range map[string]map[string]string{
		`{}`:                                    {"currentPassword": "required", "newPassword": "required"},
		changing(t, authtest.Password, "short"): {"newPassword": "too_short"},
		changing(t, authtest.Password, "password123"):              {"newPassword": "too_common"},
		changing(t, authtest.Password, "ana@example.org"):          {"newPassword": "too_guessable"},
		changing(t, strings.Repeat("x", 129), "a fine new phrase"): {"currentPassword": "too_long"},
	} {
		if diff := cmp.Diff(want, p.post(changePassword, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%.60s: %s", body, diff)
		}
	}
	p.as("").post(changePassword, `{}`).is(http.StatusUnauthorized, "unauthenticated")
}

func TestAForgottenPasswordIsReplacedByMailAndEndsEverySession(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	p.post(forgot, asJSON(t, map[string]string{"email": "ANA@example.org"})).is(http.StatusAccepted, "")
	letter := a.Letter("ana@example.org", "/reset#", 1)
	if diff := cmp.Diff(map[string]string{"newPassword": "too_short"}, p.post(reset, resetting(t, letter.Token(), "short")).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
		t.Error(diff) // and the link still works
	}
	p.post(reset, resetting(t, letter.Token(), newPassword)).is(http.StatusNoContent, "")
	p.as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "session_ended")
	p.post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusUnauthorized, "session_ended")
	p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	got := p.post(login, credentials(t, "ana@example.org", newPassword)).is(http.StatusOK, "")
	if verified := p.as(got.text("accessToken")).get(profile).body()["emailVerified"]; verified != true {
		t.Error("whoever reads mail to the address has proved to have it")
	}
	p.post(reset, resetting(t, letter.Token(), "a third horse battery")).is(http.StatusGone, "link_expired")
}

func TestOfTwentyResetsAtOnceOneSucceeds(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	p.post(forgot, asJSON(t, map[string]string{"email": "ana@example.org"})).is(http.StatusAccepted, "")
	body := resetting(t, a.Letter("ana@example.org", "/reset#", 1).Token(), newPassword)
	oneOf(t, 20, func() answer { return p.post(reset, body) }, http.StatusNoContent, func(got answer) { got.is(http.StatusGone, "link_expired") })
}

func TestANewPasswordMakesOlderLinksWorthless(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	p.post(forgot, asJSON(t, map[string]string{"email": "ana@example.org"})).is(http.StatusAccepted, "")
	first := a.Letter("ana@example.org", "/reset#", 1).Token()
	p.post(changePassword, changing(t, authtest.Password, newPassword)).is(http.StatusNoContent, "")
	p.post(reset, resetting(t, first, "a third horse battery")).is(http.StatusGone, "link_expired")
	p.post(forgot, asJSON(t, map[string]string{"email": "ana@example.org"})).is(http.StatusAccepted, "")
	second := a.Letter("ana@example.org", "/reset#", 2).Token()
	a.Advance(time.Hour)
	p.post(reset, resetting(t, second, "a third horse battery")).is(http.StatusGone, "link_expired")
}

func TestForgettingTellsNothing(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	a.Ban(a.Register("bea@example.org", "Bea").UserID)
	p := newPhone(t, a)
	want := p.post(forgot, asJSON(t, map[string]string{"email": "nobody@example.org"})).is(http.StatusAccepted, "")
	for _, email := range []string{"bea@example.org", "ana@example.org"} {
		got := p.post(forgot, asJSON(t, map[string]string{"email": email})).is(http.StatusAccepted, "")
		if string(got.raw) != string(want.raw) {
			t.Errorf("%s: %q", email, got.raw)
		}
	}
	a.Letter("ana@example.org", "/reset#", 1) // orders are fulfilled in turn, so the others have been
	for _, l := range a.Letters("bea@example.org") {
		if strings.Contains(l.Text, "/reset#") {
			t.Error("a letter to the banned")
		}
	}
	if n := len(a.Letters("nobody@example.org")); n != 0 {
		t.Errorf("%d letters to nobody", n)
	}
	if diff := cmp.Diff(map[string]string{"email": "required"}, p.post(forgot, `{}`).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
		t.Error(diff)
	}
	p.post(forgot, `{"email":"ana@example.org","reset":true}`).is(http.StatusUnprocessableEntity, "unknown_field")
}
