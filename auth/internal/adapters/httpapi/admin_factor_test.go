package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/authtest"
)

// refreshed is the phone with the session's next tokens.
func refreshed(t *testing.T, p phone, was answer) (phone, answer) {
	t.Helper()
	got := p.on(was.text("deviceToken")).post(refresh, refreshing(t, was.text("refreshToken"))).is(http.StatusOK, "")
	return p.as(got.text("accessToken")).on(got.text("deviceToken")), got
}

func signIn(t *testing.T, a *authtest.Auth) (phone, answer) {
	t.Helper()
	got := newPhone(t, a).post(login, credentials(t, "root@example.org", authtest.Password)).is(http.StatusOK, "")
	return newPhone(t, a).as(got.text("accessToken")), got
}

func TestWhereAdministratorsNeedASecondFactorTheyAreUsersWithoutOne(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{MFARequiredForAdmin: true})
	a.SetRole(a.Register("root@example.org", "Root").UserID, "ADMIN")
	p, tokens := signIn(t, a)
	if user, _ := tokens.body()["user"].(map[string]any); user["role"] != "ADMIN" {
		t.Errorf("the account's role is %v", user["role"])
	}
	p.get(users).is(http.StatusForbidden, "mfa_required")
	p.get(profile).is(http.StatusOK, "")
	p, tokens = refreshed(t, p, tokens)
	p.get(users).is(http.StatusForbidden, "mfa_required")

	offer := p.post(totp, asJSON(t, map[string]string{"reauthToken": reauthToken(t, p)})).is(http.StatusCreated, "")
	shows := newAuthenticator(t, offer.text("secret"))
	p.get(users).is(http.StatusForbidden, "mfa_required") // one that waits to be confirmed is none
	p.post(totpConfirm, asJSON(t, map[string]string{"code": shows.code(a.Now())})).is(http.StatusOK, "")
	p.get(users).is(http.StatusForbidden, "mfa_required") // the token still says USER
	p, _ = refreshed(t, p, tokens)
	p.get(users).is(http.StatusOK, "")

	a.Advance(time.Minute)
	asked := newPhone(t, a).post(login, credentials(t, "root@example.org", authtest.Password)).is(http.StatusOK, "").text("mfaToken")
	both := newPhone(t, a).post(loginMFA, asJSON(t, map[string]string{"mfaToken": asked, "code": shows.code(a.Now())})).is(http.StatusOK, "")
	newPhone(t, a).as(both.text("accessToken")).get(users).is(http.StatusOK, "")
}

func TestAnAdministratorWhoRemovesTheSecondFactorIsAUserAtOnce(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{MFARequiredForAdmin: true})
	g := guard(t, a)
	a.SetRole(g.session.UserID, "SUPER_ADMIN")
	first := g.phone.on(g.session.DeviceToken).post(refresh, refreshing(t, g.session.RefreshToken)).is(http.StatusOK, "")
	p := g.phone.as(first.text("accessToken")).on(first.text("deviceToken"))
	p.get(users).is(http.StatusOK, "")
	p.send(http.MethodDelete, totp, body(asJSON(t, map[string]string{"reauthToken": reauthToken(t, p)})), "application/json").is(http.StatusNoContent, "")
	p.get(users).is(http.StatusUnauthorized, "token_expired")
	p, _ = refreshed(t, p, first)
	p.get(users).is(http.StatusForbidden, "mfa_required")
}

func TestOthersThanAdministratorsAreForbiddenWhateverTheyHave(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{MFARequiredForAdmin: true})
	guard(t, a).phone.get(users).is(http.StatusForbidden, "forbidden")
}

func TestWithoutTheSettingAnAdministratorNeedsNoSecondFactor(t *testing.T) {
	t.Parallel()
	_, p, _ := staffed(t, "ADMIN")
	p.get(users).is(http.StatusOK, "")
}
