package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
)

const legacySecret config.Secret = "what the monolith of the gateway's tests signs with"

// legacyToken is what the monolith gives its users.
func legacyToken(key []byte, user int) string {
	encode := base64.RawURLEncoding.EncodeToString
	now := time.Now().Unix()
	signed := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode(fmt.Appendf(nil, `{"sub":%d,"role":"user","iat":%d,"exp":%d}`, user, now-1, now+600))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + encode(mac.Sum(nil))
}

// migrating is a gateway with a monolith behind it, where the table ends.
func migrating(t *testing.T, handler http.HandlerFunc, o gatewaytest.Options) (*world, *service) {
	t.Helper()
	monolith := serve(t, handler)
	o.LegacyURLs = []string{monolith.URL}
	return start(t, o), monolith
}

func TestWhatTheTableDoesNotRouteGoesToTheMonolith(t *testing.T) {
	t.Parallel()
	w, monolith := migrating(t, ok, gatewaytest.Options{})
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, "/users/me?full=1&x=%20y", ""},
		{http.MethodPost, "/auth/login", `{"email":"ada@example.org","password":"secret"}`},
		{http.MethodPut, "/campaigns/7", "{}"},
		{http.MethodPatch, "/v1/campaigns/7", "{}"},
		{http.MethodDelete, "/donations/7/receipt/", ""},
		{http.MethodGet, "/", ""},
		{http.MethodGet, "/caf%C3%A9", ""},
		{http.MethodGet, "/.well-known/assetlinks.json", ""},
	} {
		a := send(t, c.method, w.URL+c.path, c.body, "Authorization", "Bearer of the monolith", "Cookie", "session=1")
		if a.Status != http.StatusOK {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.Status, a.Body)
			continue
		}
		e := a.echoed(t)
		if e.Method != c.method || e.URI != c.path || e.Body != c.body || e.Header.Get("Authorization") != "Bearer of the monolith" || e.Header.Get("Cookie") != "session=1" {
			t.Errorf("%s %s arrived as %+v", c.method, c.path, e)
		}
	}
	if head := send(t, http.MethodHead, w.URL+"/users/me", ""); head.Status != http.StatusOK || head.Body != "" {
		t.Errorf("HEAD: %d %q", head.Status, head.Body)
	}
	before := monolith.Hits.Load()
	if a := send(t, http.MethodGet, w.URL+"/v1/auth/profile", "", "Authorization", w.people.bearer(t, "alice")); a.Status != http.StatusOK {
		t.Errorf("a route of the table: %d %s", a.Status, a.Body)
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/sos/tickets", "{}"); a.Status != http.StatusOK {
		t.Errorf("an alarm: %d %s", a.Status, a.Body)
	}
	if monolith.Hits.Load() != before {
		t.Error("routes of the table reached the monolith")
	}
}

func TestWhatIsThisBackendsNeverReachesTheMonolith(t *testing.T) {
	t.Parallel()
	w, monolith := migrating(t, ok, gatewaytest.Options{})
	for _, path := range []string{
		"/internal", "/internal/users/lookup", "/internal/revocations", "/Internal/users/lookup", "/INTERNAL/openapi", "/internal;a=b/users",
		"/metrics", "/Metrics", "/health/nothing", "/debug/pprof/", "/openapi.json/", "/docs/x", "/.well-known/jwks.json/",
		"/v1/sos", "/v1/sos/", "/v1/sos/tickets/", "/v1/sos/ticket", "/V1/sos/tickets", "/v1/SOS/tickets", "/v1/sos;x/tickets", "/v1/sos./tickets",
		"/v1/\u017Fos/tickets", "/v1/sos/guest/tickets/", "/v1/sos/tickets/1/2/3", "/v1/auth/nothing", "/v1/admin/nothing", "/v1/notifications/x/y/z", "/v1/ws/", "/v1/events/x",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			if a := send(t, method, w.URL+path, ""); a.Status != http.StatusNotFound || a.problem(t).Code != "not_found" {
				t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
			}
		}
	}
	if a := send(t, http.MethodPut, w.URL+"/v1/sos/tickets", "{}"); a.Status != http.StatusMethodNotAllowed {
		t.Errorf("another method of a route: %d", a.Status)
	}
	for _, path := range []string{"/users//me", "/users/../internal", "/users/%2e%2e/internal", "/users/..;/internal", "/users%2fme", "/users/%00", "/users/%5cme"} {
		if a, _ := raw(t, w.URL, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n"); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	for _, method := range []string{http.MethodTrace, "PROPFIND", "CONNECT-ME"} {
		if a := send(t, method, w.URL+"/users/me", ""); a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != "DELETE, GET, HEAD, PATCH, POST, PUT, OPTIONS" {
			t.Errorf("%s: %d, Allow %q", method, a.Status, a.Header.Get("Allow"))
		}
	}
	if a := send(t, http.MethodOptions, w.URL+"/users/me", ""); a.Status != http.StatusNoContent || !strings.Contains(a.Header.Get("Allow"), "PATCH") {
		t.Errorf("OPTIONS: %d, Allow %q", a.Status, a.Header.Get("Allow"))
	}
	if n := monolith.Hits.Load(); n != 0 {
		t.Errorf("the monolith was asked %d times", n)
	}
}

func TestTheMonolithIsToldNothingThatAClientMadeUpAboutItself(t *testing.T) {
	t.Parallel()
	var answered http.Header
	w, _ := migrating(t, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Server", "Express")
		h.Set("X-Powered-By", "Express")
		h.Set("Set-Cookie", "session=2; HttpOnly")
		h.Set("X-Request-Id", "the monolith's")
		h.Set("Location", "http://"+r.Host+"/users/me?x=1")
		if r.URL.Path == "/elsewhere" {
			h.Set("Location", "https://example.org/users/me")
		}
		ok(w, r)
	}, gatewaytest.Options{})
	names := []string{"X-User-Id", "x_user_id", "X-Auth-Role", "X-Internal-Token", "X-Forwarded-User", "X-Real-Ip", "Forwarded", "X-Http-Method-Override", "X-Original-Url", "Cf-Connecting-Ip", "X-Secret-Hop"}
	headers := []string{"Connection", "X-Secret-Hop", "X-Forwarded-For", "203.0.113.7", "Upgrade", "websocket"}
	for _, n := range names {
		headers = append(headers, n, "1")
	}
	a := send(t, http.MethodGet, w.URL+"/users/me", "", headers...)
	answered = a.Header
	e := a.echoed(t)
	for _, n := range append(names, "Upgrade") {
		if got := e.Header.Values(n); len(got) != 0 {
			t.Errorf("%s reached the monolith as %q", n, got)
		}
	}
	if got := e.Header.Values("X-Forwarded-For"); !slices.Equal(got, []string{"203.0.113.7"}) || e.Header.Get("X-Forwarded-Host") == "" || e.Header.Get("X-Request-Id") == "" {
		t.Errorf("it was told %v", e.Header)
	}
	if answered.Get("Server")+answered.Get("X-Powered-By") != "" || answered.Get("X-Request-Id") == "the monolith's" || answered.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the client was told %v", answered)
	}
	if answered.Get("Set-Cookie") != "session=2; HttpOnly" || answered.Get("Location") != "/users/me?x=1" {
		t.Errorf("the client was told %v", answered)
	}
	if a := send(t, http.MethodGet, w.URL+"/elsewhere", ""); a.Header.Get("Location") != "https://example.org/users/me" {
		t.Errorf("a redirect to elsewhere became %q", a.Header.Get("Location"))
	}
}

func TestTheMonolithIsBehindTheSameLimits(t *testing.T) {
	t.Parallel()
	w, monolith := migrating(t, ok, gatewaytest.Options{General: "3/1h:3", Auth: "1/1h:1", LegacyJWTSecret: legacySecret})
	if a, _ := raw(t, w.URL, "POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n"); a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d", a.Status)
	}
	statuses := func(path, address, token string) (got []int) {
		for range 4 {
			got = append(got, send(t, http.MethodGet, w.URL+path, "", "X-Forwarded-For", address, "Authorization", token).Status)
		}
		return got
	}
	if got := statuses("/users/me", "203.0.113.1", ""); !slices.Equal(got, []int{200, 200, 200, 429}) {
		t.Errorf("by address: %v", got)
	}
	if got := statuses("/auth/login", "203.0.113.2", ""); !slices.Equal(got, []int{200, 429, 429, 429}) {
		t.Errorf("signing in: %v", got)
	}
	own := "Bearer " + legacyToken([]byte(legacySecret.Value()), 42)
	if got := statuses("/users/me", "203.0.113.3", own); !slices.Equal(got, []int{200, 200, 200, 429}) {
		t.Errorf("by its token: %v", got)
	}
	if a := send(t, http.MethodGet, w.URL+"/users/me", "", "X-Forwarded-For", "203.0.113.4", "Authorization", own); a.Status != http.StatusTooManyRequests {
		t.Errorf("the same person from elsewhere: %d", a.Status)
	}
	if monolith.Hits.Load() != 7 {
		t.Errorf("the monolith was asked %d times", monolith.Hits.Load())
	}
}

func TestAMonolithThatFailsIsLeftAloneAndNobodyElseIs(t *testing.T) {
	t.Parallel()
	w, monolith := migrating(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, gatewaytest.Options{})
	eventually.True(t, "its breaker opens", func() bool {
		return send(t, http.MethodGet, w.URL+"/users/me", "").Status == http.StatusServiceUnavailable
	})
	before := monolith.Hits.Load()
	if a := send(t, http.MethodGet, w.URL+"/users/me", ""); a.Status != http.StatusServiceUnavailable || a.problem(t).Code != "unavailable" || a.Header.Get("Retry-After") == "" {
		t.Errorf("%d %s %v", a.Status, a.Body, a.Header)
	}
	if monolith.Hits.Load() != before {
		t.Error("the monolith was asked although its breaker is open")
	}
	for method, path := range map[string]string{http.MethodPost: "/v1/sos/tickets", http.MethodGet: "/v1/sos/emergency-numbers"} {
		if a := send(t, method, w.URL+path, ""); a.Status != http.StatusOK || a.Header.Get("X-Circuit-Breaker") != "" {
			t.Errorf("%s %s: %d %v", method, path, a.Status, a.Header)
		}
	}
	if a := send(t, http.MethodGet, w.URL+"/health", ""); strings.Contains(a.Body, "legacy") {
		t.Errorf("the health of this backend hangs on the monolith: %s", a.Body)
	}
}

func TestTheMonolithGetsARequestOnce(t *testing.T) {
	t.Parallel()
	dies := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	one, two := serve(t, dies), serve(t, dies)
	w := start(t, gatewaytest.Options{LegacyURLs: []string{one.URL, two.URL}})
	a := send(t, http.MethodPost, w.URL+"/donations", `{"amount":5}`, "Idempotency-Key", "of the client")
	if a.Status != http.StatusBadGateway || one.Hits.Load()+two.Hits.Load() != 1 {
		t.Errorf("%d %s, delivered %d times", a.Status, a.Body, one.Hits.Load()+two.Hits.Load())
	}
}

func TestATokenOfTheMonolithPassesWhereItIsWanted(t *testing.T) {
	t.Parallel()
	with, without := start(t, gatewaytest.Options{LegacyJWTSecret: legacySecret}), start(t, gatewaytest.Options{})
	own := "Bearer " + legacyToken([]byte(legacySecret.Value()), 42)
	if a := send(t, http.MethodGet, with.URL+"/v1/auth/profile", "", "Authorization", own); a.Status != http.StatusOK || a.echoed(t).Header.Get("Authorization") != own {
		t.Errorf("with the secret: %d %s", a.Status, a.Body)
	}
	if a := send(t, http.MethodGet, without.URL+"/v1/auth/profile", "", "Authorization", own); a.Status != http.StatusUnauthorized || a.problem(t).Code != "unauthenticated" {
		t.Errorf("without: %d %s", a.Status, a.Body)
	}
	public := "Bearer " + legacyToken(with.people.signer.JWKS(), 42)
	if a := send(t, http.MethodGet, with.URL+"/v1/auth/profile", "", "Authorization", public); a.Status != http.StatusUnauthorized {
		t.Errorf("signed with the public keys: %d %s", a.Status, a.Body)
	}
}
