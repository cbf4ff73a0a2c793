package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

// guessing sends wrong passwords.
func guessing(t *testing.T, p phone, email string, times int) {
	t.Helper()
	for range times {
		p.post(login, credentials(t, email, "a wrong password")).is(http.StatusUnauthorized, "invalid_credentials")
	}
}

func TestGuessingDelaysUnnoticedAndNotForLong(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	want := p.post(login, credentials(t, "ana@example.org", "a wrong password")).is(http.StatusUnauthorized, "invalid_credentials").problem()
	guessing(t, p, "ana@example.org", 4)
	a.Advance(10 * time.Second) // and five more, each after its delay: 1, 2, 4, 8, 16 s
	for range 5 {
		guessing(t, p, "ana@example.org", 1)
		a.Advance(17 * time.Second)
	}
	a.Advance(-17 * time.Second)
	got := p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	if diff := cmp.Diff(want, got.problem()); diff != "" {
		t.Error(diff)
	}
	guessing(t, p, "nobody@example.org", 8) // the unknown are locked too, and nobody else with them
	a.Register("bea@example.org", "Bea")
	p.post(login, credentials(t, "bea@example.org", authtest.Password)).is(http.StatusOK, "")
	a.Advance(time.Hour)
	p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
}

func TestNobodyElsesGuessesKeepAKnownDeviceOut(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "Ana")
	thief := newPhone(t, a)
	for range 40 {
		guessing(t, thief, "ana@example.org", 1)
		a.Advance(2 * time.Hour)
	}
	thief.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	owner := newPhone(t, a).on(s.DeviceToken)
	guessing(t, owner, "ana@example.org", 20) // a typing error more does not matter
	owner.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "")
	stranger := newPhone(t, a).on(a.Register("bea@example.org", "Bea").DeviceToken)
	stranger.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
}

func TestWhoHasTakenASessionOverGuessesAtThatOneOnly(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	taken := newPhone(t, a).as(a.Register("ana@example.org", "Ana").AccessToken)
	owner := newPhone(t, a)
	owner = owner.as(owner.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "").text("accessToken"))
	right := asJSON(t, map[string]string{"password": authtest.Password})
	for range 6 {
		taken.post(reauthenticate, `{"password":"a wrong password"}`).is(http.StatusUnauthorized, "invalid_credentials")
	}
	taken.post(reauthenticate, right).is(http.StatusUnauthorized, "invalid_credentials")
	change := asJSON(t, map[string]string{"currentPassword": authtest.Password, "newPassword": "correct horse battery staple"})
	taken.post(changePassword, change).is(http.StatusUnauthorized, "invalid_credentials")
	owner.post(reauthenticate, right).is(http.StatusOK, "")
	a.Advance(time.Minute)
	taken.post(reauthenticate, right).is(http.StatusOK, "")
}

func TestAPasswordReplacedByMailLetsItsOwnerInFromANewPhone(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.Register("ana@example.org", "Ana")
	p := newPhone(t, a)
	for range 40 {
		guessing(t, p, "ana@example.org", 1)
		a.Advance(2 * time.Hour)
	}
	a.Advance(25 * time.Hour) // the address that the guesses came from may try again
	p.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	p.post(forgot, asJSON(t, map[string]string{"email": "ana@example.org"})).is(http.StatusAccepted, "")
	p.post(reset, resetting(t, a.Letter("ana@example.org", "/reset#", 1).Token(), newPassword)).is(http.StatusNoContent, "")
	p.post(login, credentials(t, "ana@example.org", newPassword)).is(http.StatusOK, "")
}
