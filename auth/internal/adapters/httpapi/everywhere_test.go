package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/eventually"
)

// TestEachSecurityChangeCountsOnTheOtherCopyToo: what one copy changes, the other
// hears of, and the tokens from before are worth nothing there.
func TestEachSecurityChangeCountsOnTheOtherCopyToo(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, one *authtest.Auth, here, staff phone, ana authtest.Session){
		"a new password": func(t *testing.T, _ *authtest.Auth, here, _ phone, _ authtest.Session) {
			t.Helper()
			again := here.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "").text("accessToken")
			here.as(again).post("/v1/auth/password/change", asJSON(t, map[string]string{"currentPassword": authtest.Password, "newPassword": "another horse battery"})).
				is(http.StatusNoContent, "")
		},
		"another address": func(t *testing.T, one *authtest.Auth, here, _ phone, _ authtest.Session) {
			t.Helper()
			again := here.as(here.post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusOK, "").text("accessToken"))
			again.post(changeEmail, asJSON(t, map[string]string{"newEmail": "new@example.org", "reauthToken": again.proof()})).is(http.StatusAccepted, "")
			here.post(verifyEmail, tokenOf(t, one.Letter("new@example.org", "/verify#", 1).Token())).is(http.StatusNoContent, "")
		},
		"a deletion": func(t *testing.T, _ *authtest.Auth, here, _ phone, ana authtest.Session) {
			t.Helper()
			p := here.as(ana.AccessToken)
			p.leave(p.proof()).is(http.StatusAccepted, "")
		},
		"a ban": func(t *testing.T, _ *authtest.Auth, _, staff phone, ana authtest.Session) {
			t.Helper()
			staff.patch(users+"/"+ana.UserID, `{"active": false}`).is(http.StatusOK, "")
		},
		"another role": func(t *testing.T, _ *authtest.Auth, _, staff phone, ana authtest.Session) {
			t.Helper()
			staff.patch(users+"/"+ana.UserID, `{"role": "PROVIDER"}`).is(http.StatusOK, "")
		},
		"an end by the staff": func(t *testing.T, _ *authtest.Auth, _, staff phone, ana authtest.Session) {
			t.Helper()
			staff.post(users+"/"+ana.UserID+"/revoke-sessions", "").is(http.StatusNoContent, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := authtest.NewStore()
			one, two := authtest.Start(t, authtest.Options{Store: store}), authtest.Start(t, authtest.Options{Store: store})
			ana, root := one.Register("ana@example.org", "Ana"), one.Register("root@example.org", "Root")
			one.SetRole(root.UserID, "SUPER_ADMIN")
			here, there := newPhone(t, one), newPhone(t, two).as(ana.AccessToken)
			staff := here.as(here.on(root.DeviceToken).post(refresh, refreshing(t, root.RefreshToken)).is(http.StatusOK, "").text("accessToken"))
			there.get(profile).is(http.StatusOK, "")
			change(t, one, here, staff, ana)
			eventually.True(t, "the other device is signed out", func() bool { return there.get(profile).status == http.StatusUnauthorized }) // a role: token_expired, the rest: session_ended
			here.as(ana.AccessToken).get(profile).is(http.StatusUnauthorized, "")
		})
	}
}

// TestALetterThatIsNotTakenIsSentAgainUntilItIsGivenUp: later each time.
func TestALetterThatIsNotTakenIsSentAgainUntilItIsGivenUp(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	a.CarrierAway(true)
	a.Register("ana@example.org", "Ana")
	a.Register("bea@example.org", "Bea")
	eventually.True(t, "two letters are refused", func() bool { return a.NotTaken() >= 2 })
	a.CarrierAway(false)
	eventually.True(t, "both letters have come", func() bool {
		a.Advance(30 * time.Second)
		return len(a.Letters("ana@example.org")) == 1 && len(a.Letters("bea@example.org")) == 1
	})
	before := a.NotTaken()
	a.CarrierRefuses(true)
	a.Register("eve@example.org", "Eve")
	eventually.True(t, "a letter is refused", func() bool { return a.NotTaken() > before })
	a.CarrierRefuses(false)
	a.Advance(time.Hour)
	a.Register("dan@example.org", "Dan")
	a.Letter("dan@example.org", "/verify#", 1)
	if n := len(a.Letters("eve@example.org")); n != 0 {
		t.Errorf("a letter that was refused for ever came %d times", n)
	}
}
