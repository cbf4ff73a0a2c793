package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/authtest"
	"github.com/loveapp/backend/shared/config"
)

func TestAProtectedPathNeedsAGoodToken(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	s := a.Register("ana@example.org", "")
	p := newPhone(t, a)
	signature := s.AccessToken[strings.LastIndexByte(s.AccessToken, '.'):]
	want := p.get(profile).is(http.StatusUnauthorized, "unauthenticated").problem()
	for name, raw := range map[string]string{
		"garbage":           "garbage",
		"no signature":      strings.TrimSuffix(s.AccessToken, signature),
		"another signature": strings.TrimSuffix(s.AccessToken, signature) + "." + strings.Repeat("A", 86),
		"too long":          strings.Repeat("x", 5000),
		"of another secret": authtest.Start(t, authtest.Options{JWTSecret: "another secret of the tests with 32 bytes"}).Register("ana@example.org", "").AccessToken,
	} {
		got := p.as(raw).get(profile).is(http.StatusUnauthorized, "unauthenticated")
		if diff := cmp.Diff(want, got.problem()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: no challenge", name)
		}
	}
	for path, method := range map[string]string{profile: http.MethodPatch, logout: http.MethodPost, sessions: http.MethodGet, sessions + "/x": http.MethodDelete} {
		p.send(method, path, strings.NewReader("no JSON"), "text/plain").is(http.StatusUnauthorized, "unauthenticated")
	}
	a.Advance(16 * time.Minute)
	p.as(s.AccessToken).get(profile).is(http.StatusUnauthorized, "token_expired")
}

func TestPathsAndMethodsComeBeforeTokens(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	for path, allowed := range map[string]string{
		register: "POST", login: "POST", refresh: "POST", logout: "POST", profile: "DELETE, GET, HEAD, PATCH", sessions: "GET, HEAD",
		sessions + "/x": "DELETE", "/.well-known/jwks.json": "GET, HEAD", "/internal/users/lookup": "GET, HEAD, POST", "/internal/revocations": "GET, HEAD",
	} {
		got := p.send(http.MethodPut, path, nil, "").is(http.StatusMethodNotAllowed, "method_not_allowed")
		for method := range strings.SplitSeq(allowed, ", ") {
			if !strings.Contains(got.header.Get("Allow"), method) {
				t.Errorf("%s allows %q", path, got.header.Get("Allow"))
			}
		}
		options := p.send(http.MethodOptions, path, nil, "").is(http.StatusNoContent, "")
		if options.header.Get("Allow") == "" {
			t.Errorf("OPTIONS %s: no Allow", path)
		}
	}
	for _, path := range []string{
		"/", "/v1/auth", "/v1/auth/", profile + "/", "/v1/auth/Profile", "//v1/auth/profile", "/v1/auth/password",
		"/v1/auth/email", "/v1/auth/phone", "/metrics", "/internal/users",
	} {
		p.get(path).is(http.StatusNotFound, "not_found")
	}
}

func TestHeadIsAGetWithoutABody(t *testing.T) {
	t.Parallel()
	a := authtest.Start(t, authtest.Options{})
	p := newPhone(t, a).as(a.Register("ana@example.org", "").AccessToken)
	for _, path := range []string{profile, sessions, "/.well-known/jwks.json", "/health"} {
		if got := p.send(http.MethodHead, path, nil, "").is(http.StatusOK, ""); len(got.raw) != 0 || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %q %v", path, got.raw, got.header)
		}
	}
	p.as("").send(http.MethodHead, profile, nil, "").is(http.StatusUnauthorized, "")
}

func TestTheKeysMayBeKeptForTenMinutes(t *testing.T) {
	t.Parallel()
	const next = "the next secret of the tests with 32 bytes"
	got := newPhone(t, authtest.Start(t, authtest.Options{JWTSecretNext: next})).get("/.well-known/jwks.json").is(http.StatusOK, "")
	if cached := got.header.Get("Cache-Control"); cached != "public, max-age=600" {
		t.Errorf("Cache-Control: %s", cached)
	}
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	if err := json.Unmarshal(got.raw, &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("%v in %s", err, got.raw)
	}
	for _, key := range set.Keys {
		if key["kty"] != "OKP" || key["crv"] != "Ed25519" || key["kid"] == "" || key["x"] == "" || key["d"] != "" {
			t.Errorf("%v", key)
		}
	}
}

func TestRotatingTheSecretSignsNobodyOut(t *testing.T) {
	t.Parallel()
	const (
		outgoing config.Secret = "the first secret of the tests with 32 bytes"
		incoming config.Secret = "the second secret of the tests with 32 bytes"
	)
	store := authtest.NewStore()
	before := authtest.Start(t, authtest.Options{Store: store, JWTSecret: outgoing, JWTSecretNext: incoming})
	s := before.Register("ana@example.org", "")
	after := authtest.Start(t, authtest.Options{Store: store, JWTSecret: incoming, JWTSecretPrevious: outgoing})
	p := newPhone(t, after).on(s.DeviceToken)
	p.as(s.AccessToken).get(profile).is(http.StatusOK, "")
	child := p.post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusOK, "")
	// A copy that still runs with the settings before knows what the new one has made.
	p = newPhone(t, before).on(child.text("deviceToken"))
	p.as(child.text("accessToken")).get(profile).is(http.StatusOK, "")
	p.post(refresh, refreshing(t, s.RefreshToken)).is(http.StatusOK, "")
	p.post(refresh, refreshing(t, child.text("refreshToken"))).is(http.StatusOK, "")
}

func TestHealthTellsThatItRuns(t *testing.T) {
	t.Parallel()
	p := newPhone(t, authtest.Start(t, authtest.Options{}))
	for _, path := range []string{"/health", "/health/live", "/health/ready", "/health/database", "/health/redis", "/health/services"} {
		if got := p.get(path).is(http.StatusOK, ""); got.text("status") != "ok" {
			t.Errorf("%s: %s", path, got.raw)
		}
	}
}
