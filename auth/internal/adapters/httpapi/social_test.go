package httpapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
)

const (
	social = "/v1/auth/oidc/acme"
	nonce  = "a nonce of the app"
)

// acme is a service that trusts a provider, and a person who signs in with it.
type acme struct {
	t      *testing.T
	a      *authtest.Auth
	issuer *authtest.Issuer
}

func newAcme(t *testing.T) acme {
	t.Helper()
	issuer := authtest.NewIssuer(t)
	return acme{t, authtest.Start(t, authtest.Options{Issuers: map[string]string{"acme": issuer.URL}}), issuer}
}

// claims are those of a good token, changed.
func (c acme) claims(changes map[string]any) map[string]any {
	now := c.a.Now()
	claims := map[string]any{
		"iss": c.issuer.URL, "aud": authtest.ClientID, "sub": "person-7", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "nonce": nonce,
		"email": "Ana@Example.org", "email_verified": true, "given_name": "Ana", "family_name": "Öztürk",
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func (c acme) body(changes map[string]any) string {
	c.t.Helper()
	return asJSON(c.t, map[string]string{"idToken": c.issuer.Sign(c.claims(changes)), "nonce": nonce})
}

func (c acme) visit(changes map[string]any) answer {
	c.t.Helper()
	return newPhone(c.t, c.a).post(social, c.body(changes))
}

func TestAProviderOpensAnAccountAndLaterTheSameOne(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	first := c.visit(nil).is(http.StatusOK, "")
	user, _ := first.body()["user"].(map[string]any)
	if first.body()["created"] != true || user["email"] != "ana@example.org" || user["emailVerified"] != true || user["firstName"] != "Ana" || user["lastName"] != "Öztürk" {
		t.Errorf("%s", first.raw)
	}
	newPhone(t, c.a).as(first.text("accessToken")).get(profile).is(http.StatusOK, "")
	again := c.visit(map[string]any{"email": "another@example.org"}).is(http.StatusOK, "")
	same, _ := again.body()["user"].(map[string]any)
	if again.body()["created"] != false || same["id"] != user["id"] || same["email"] != "ana@example.org" {
		t.Errorf("%s", again.raw)
	}
	newPhone(t, c.a).post(login, credentials(t, "ana@example.org", authtest.Password)).is(http.StatusUnauthorized, "invalid_credentials")
	if diff := cmp.Diff([]string{"user.registered", "session.started"}, c.a.Events()); diff != "" {
		t.Error(diff)
	}
}

func TestATokenThatIsNotGoodHasOneAnswer(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	other := authtest.NewIssuer(t)
	want := c.visit(map[string]any{"nonce": "another"}).is(http.StatusUnauthorized, "invalid_credentials").problem()
	bodies := map[string]string{
		"garbage":               asJSON(t, map[string]string{"idToken": "garbage", "nonce": nonce}),
		"of another issuer":     asJSON(t, map[string]string{"idToken": other.Sign(c.claims(map[string]any{"iss": other.URL})), "nonce": nonce}),
		"no signature":          asJSON(t, map[string]string{"idToken": c.issuer.Sign(c.claims(nil)) + "A", "nonce": nonce}),
		"alg none":              asJSON(t, map[string]string{"idToken": "eyJhbGciOiJub25lIn0." + strings.Split(c.issuer.Sign(c.claims(nil)), ".")[1] + ".", "nonce": nonce}),
		"one of our own tokens": asJSON(t, map[string]string{"idToken": c.a.Register("bea@example.org", "").AccessToken, "nonce": nonce}),
	}
	for name, changes := range map[string]map[string]any{
		"no nonce": {"nonce": nil}, "another audience": {"aud": "another app"}, "no audience": {"aud": nil}, "another iss": {"iss": other.URL},
		"expired": {"exp": c.a.Now().Add(-time.Minute).Unix()}, "of the future": {"iat": c.a.Now().Add(time.Hour).Unix()}, "no subject": {"sub": ""},
		"issued to another": {"aud": []string{authtest.ClientID, "another app"}, "azp": "another app"}, "issued to nobody": {"aud": []string{authtest.ClientID, "another app"}},
	} {
		bodies[name] = c.body(changes)
	}
	for name, body := range bodies {
		got := newPhone(t, c.a).post(social, body)
		if diff := cmp.Diff(want, got.is(http.StatusUnauthorized, "invalid_credentials").problem()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTheNonceMayBeHashed(t *testing.T) {
	t.Parallel()
	c, sum := newAcme(t), sha256.Sum256([]byte(nonce))
	c.visit(map[string]any{"nonce": hex.EncodeToString(sum[:]), "email_verified": "true"}).is(http.StatusOK, "")
}

func TestAnAddressLinksOnlyWhereBothSidesHaveVerifiedIt(t *testing.T) {
	t.Parallel()
	for name, verified := range map[string]struct{ there, here, links bool }{
		"both": {true, true, true}, "the provider": {true, false, false}, "we": {false, true, false}, "nobody": {false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newAcme(t)
			s := c.a.Register("ana@example.org", "Ana")
			c.a.Verify(s.UserID, verified.here, false)
			got := c.visit(map[string]any{"email_verified": verified.there})
			if !verified.links {
				got.is(http.StatusConflict, "link_required")
				return
			}
			user, _ := got.is(http.StatusOK, "").body()["user"].(map[string]any)
			if user["id"] != s.UserID || got.body()["created"] != false {
				t.Errorf("%s", got.raw)
			}
		})
	}
}

func TestABannedAccountIsNotEnteredByAProviderEither(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	user, _ := c.visit(nil).is(http.StatusOK, "").body()["user"].(map[string]any)
	id, _ := user["id"].(string)
	c.a.Ban(id)
	c.visit(nil).is(http.StatusUnauthorized, "invalid_credentials")
}

func TestAProviderThatIsAwayOrUnknownIsSaid(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	body := c.body(nil)
	newPhone(t, c.a).post("/v1/auth/oidc/nobody", body).is(http.StatusNotFound, "not_found")
	newPhone(t, c.a).post("/v1/auth/oidc/google", body).is(http.StatusNotFound, "not_found")
	c.issuer.Stop()
	if got := newPhone(t, c.a).post(social, body).is(http.StatusServiceUnavailable, "unavailable"); got.header.Get("Retry-After") == "" {
		t.Error("when?")
	}
}

func TestAProvidersNewKeyIsFetched(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	c.visit(nil).is(http.StatusOK, "")
	c.issuer.Rotate("second")
	c.visit(nil).is(http.StatusOK, "")
}

func TestAnIdentityWithoutAnAddressCannotHaveAnAccount(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	for _, email := range []any{nil, "", "no address"} {
		if diff := cmp.Diff(map[string]string{"idToken": "no_email"}, c.visit(map[string]any{"email": email}).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%v: %s", email, diff)
		}
	}
}

func TestAWrongVisitNamesTheField(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	p := newPhone(t, c.a)
	for body, want := range map[string]map[string]string{
		`{}`: {"idToken": "required", "nonce": "required"},
		`{"idToken":"x","nonce":"y","firstName":""}`:                      {"firstName": "too_short"},
		`{"idToken":"x","nonce":"` + strings.Repeat("n", 257) + `"}`:      {"nonce": "too_long"},
		`{"idToken":"` + strings.Repeat("x", 16<<10+1) + `","nonce":"n"}`: {"idToken": "too_long"},
	} {
		if diff := cmp.Diff(want, p.post(social, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%.60s: %s", body, diff)
		}
	}
	p.post(social, `{"idToken":"x","nonce":"y","email":"z@example.org"}`).is(http.StatusUnprocessableEntity, "unknown_field")
}

func TestWhoHasNoPasswordProvesWhoTheyAreWithAFreshToken(t *testing.T) {
	t.Parallel()
	c := newAcme(t)
	p := newPhone(t, c.a).as(c.visit(nil).is(http.StatusOK, "").text("accessToken"))
	prove := func(changes map[string]any) answer {
		return p.post(reauthenticate, asJSON(t, map[string]string{"provider": "acme", "idToken": c.issuer.Sign(c.claims(changes)), "nonce": nonce}))
	}
	proven := prove(nil).is(http.StatusOK, "")
	p.post(totp, asJSON(t, map[string]string{"reauthToken": proven.text("reauthToken")})).is(http.StatusCreated, "")
	prove(map[string]any{"sub": "somebody-else"}).is(http.StatusUnauthorized, "invalid_credentials")
	prove(map[string]any{"iat": c.a.Now().Add(-6 * time.Minute).Unix()}).is(http.StatusUnauthorized, "invalid_credentials")
	prove(map[string]any{"auth_time": c.a.Now().Add(-6 * time.Minute).Unix()}).is(http.StatusUnauthorized, "invalid_credentials")
	p.post(reauthenticate, `{"provider":"nobody","idToken":"x","nonce":"y"}`).is(http.StatusNotFound, "not_found")
	for body, want := range map[string]map[string]string{
		`{"provider":"acme"}`: {"idToken": "required", "nonce": "required"},
		`{"provider":"acme","idToken":"x","nonce":"y","password":"z"}`: {"password": "conflict"},
	} {
		if diff := cmp.Diff(want, p.post(reauthenticate, body).is(http.StatusUnprocessableEntity, "validation_failed").fields()); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}
