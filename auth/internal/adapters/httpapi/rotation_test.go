package httpapi_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/config"
)

// keyOf is the kid of a signed token.
func keyOf(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	_, kid, found := strings.Cut(string(text), `"kid":"`)
	if err != nil || !found {
		t.Fatalf("the head is %q: %v", text, err)
	}
	kid, _, _ = strings.Cut(kid, `"`)
	return kid
}

// A phone that lies in a drawer shows what the secret before the last one made.
func TestSeveralRotationsSignNobodyOutWhoWasAwayDuringThem(t *testing.T) {
	t.Parallel()
	const (
		first  config.Secret = "the first secret of the tests with 32 bytes"
		second config.Secret = "the second secret of the tests with 32 bytes"
		third  config.Secret = "the third secret of the tests with 32 bytes"
	)
	store := authtest.NewStore()
	s := authtest.Start(t, authtest.Options{Store: store, JWTSecret: first}).Register("ana@example.org", "")
	credential := newPhone(t, authtest.Start(t, authtest.Options{Store: store, JWTSecret: first})).on(s.DeviceToken).
		post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusOK, "").text("sosCredential")

	p := newPhone(t, authtest.Start(t, authtest.Options{Store: store, JWTSecret: third, JWTSecretPrevious: second + ", " + first}))
	if keys := p.get("/.well-known/jwks.json").is(http.StatusOK, ""); strings.Count(string(keys.raw), `"kid"`) != 3 || !strings.Contains(string(keys.raw), keyOf(t, credential)) {
		t.Errorf("the key of the credential for calls for help is not among %s", keys.raw)
	}
	p.as(s.AccessToken).get(profile).is(http.StatusOK, "")
	p.on(s.DeviceToken).post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusOK, "")

	dropped := newPhone(t, authtest.Start(t, authtest.Options{Store: store, JWTSecret: third, JWTSecretPrevious: second}))
	dropped.as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "unauthenticated")
	dropped.on(s.DeviceToken).post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusUnauthorized, "unauthenticated")
}
