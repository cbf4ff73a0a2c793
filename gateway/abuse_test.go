package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

func part(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// abused are tokens that a careless verifier takes: each is made from a good one.
func abused(good string, publicKeys []byte) map[string]string {
	parts := strings.Split(good, ".")
	head, claims, signature := parts[0], parts[1], parts[2]
	none := part(`{"alg":"none","typ":"at+jwt"}`)
	symmetric := part(`{"alg":"HS256","typ":"at+jwt"}`) + "." + claims
	mac := hmac.New(sha256.New, publicKeys)
	mac.Write([]byte(symmetric))
	flipped := []byte(signature)
	flipped[5] ^= 1
	return map[string]string{
		"no algorithm":                     none + "." + claims + ".",
		"no algorithm, a signature":        none + "." + claims + "." + signature,
		"no signature":                     head + "." + claims + ".",
		"two parts":                        head + "." + claims,
		"four parts":                       good + "." + signature,
		"the public key as a secret":       symmetric + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)),
		"another signature":                head + "." + claims + "." + string(flipped),
		"other claims":                     head + "." + part(`{"sub":"admin","role":"SUPER_ADMIN","exp":99999999999}`) + "." + signature,
		"a key of its own":                 part(`{"alg":"EdDSA","typ":"at+jwt","jwk":{"kty":"OKP","crv":"Ed25519","x":"AAAA"}}`) + "." + claims + "." + signature,
		"a key elsewhere":                  part(`{"alg":"EdDSA","typ":"at+jwt","jku":"http://mallory.example/keys"}`) + "." + claims + "." + signature,
		"a key by path":                    part(`{"alg":"EdDSA","typ":"at+jwt","kid":"../../../../dev/null"}`) + "." + claims + "." + signature,
		"another type":                     part(`{"alg":"EdDSA","typ":"JWT"}`) + "." + claims + "." + signature,
		"critical fields":                  part(`{"alg":"EdDSA","typ":"at+jwt","crit":["x"],"x":1}`) + "." + claims + "." + signature,
		"padding":                          good + "==",
		"a long one":                       "Bearer " + strings.Repeat("a", 8<<10),
		"one with a comma and another one": good + ", Bearer " + good,
	}
}

func TestATokenThatIsTamperedWithIsRefusedWithOneAnswer(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	good := w.people.token(t, "alice", 0)
	if a := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", "Bearer "+good); a.Status != http.StatusOK {
		t.Fatalf("the good one: %d %s", a.Status, a.Body)
	}
	before := w.notify.Hits.Load()
	for name, token := range abused(good, w.people.signer.JWKS()) {
		a := send(t, http.MethodGet, w.URL+"/v1/notifications", "", "Authorization", "Bearer "+token)
		if a.Status != http.StatusUnauthorized || a.problem(t).Code != "unauthenticated" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	for name, headers := range map[string][]string{
		"two headers":            {"Authorization", "Bearer x", "Authorization", "Bearer " + good},
		"in the query":           nil,
		"another scheme":         {"Authorization", "Basic " + good},
		"in a cookie":            {"Cookie", "access_token=" + good + "; Authorization=" + good},
		"in X-Access-Token":      {"X-Access-Token", good},
		"in Proxy-Authorization": {"Proxy-Authorization", "Bearer " + good},
	} {
		url := w.URL + "/v1/notifications"
		if name == "in the query" {
			url += "?access_token=" + good + "&token=" + good
		}
		if a := send(t, http.MethodGet, url, "", headers...); a.Status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	if n := w.notify.Hits.Load() - before; n != 0 {
		t.Errorf("the service was asked %d times", n)
	}
}

func TestAnAnswerForEverybodyCannotBePoisonedByOne(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"X-Forwarded-Host":   "X-Forwarded-Host: mallory.example\r\n",
		"Host":               "",
		"X-Forwarded-Scheme": "X-Forwarded-Scheme: mallory\r\nX-Forwarded-Proto: mallory\r\n",
		"X-Original-URL":     "X-Original-URL: /mallory\r\nX-Rewrite-URL: /mallory\r\n",
		"Accept-Language":    "Accept-Language: mallory\r\n",
		"User-Agent":         "User-Agent: mallory\r\n",
		"Cookie":             "Cookie: a=mallory\r\n",
		"Origin":             "Origin: https://mallory.example\r\n",
		"Range":              "Range: bytes=0-1, mallory=2\r\n",
		"anything":           "X-Mallory: mallory\r\nReferer: mallory\r\nFrom: mallory\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sos := serve(t, func(w http.ResponseWriter, r *http.Request) { // a service that repeats whatever it is told
				w.Header().Set("Cache-Control", "public, max-age=60")
				ok(w, r)
			})
			w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
			host := "app.example"
			if lines == "" {
				host = "mallory.example"
			}
			raw(t, w.URL, "GET "+numbersPath+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n"+lines+"\r\n")
			if a := send(t, http.MethodGet, w.URL+numbersPath, ""); a.Status != http.StatusOK || strings.Contains(strings.ToLower(a.Body), "mallory") {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
}

func TestAPersonsAnswerIsNeverKeptUnderANameThatLooksPublic(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	alice := w.people.bearer(t, "alice")
	for path, want := range map[string]int{
		"/v1/notifications/x.css": 404, "/v1/notifications.css": 404, "/v1/notifications;x.css": 404, "/v1/notifications/": 404,
		"/v1/notifications%2fx.css": 400, "/v1/auth/profile/logo.png": 404, "/v1/auth/profile%3fx.js": 400, "/v1/notifications?x.css": 200,
	} {
		first := send(t, http.MethodGet, w.URL+path, "", "Authorization", alice)
		if first.Status != want {
			t.Errorf("%s: %d", path, first.Status)
		}
		if a := send(t, http.MethodGet, w.URL+path, ""); a.Status == http.StatusOK || a.Header.Get("Age") != "" || strings.Contains(a.Body, alice) {
			t.Errorf("%s, to somebody else: %d %s", path, a.Status, a.Body)
		}
	}
}

func TestWhatClientsSendWritesNoLineOfTheLog(t *testing.T) {
	t.Parallel()
	log := &book{}
	w := start(t, gatewaytest.Options{Logger: slog.New(slog.NewJSONHandler(log, nil))})
	const forged = `{\"level\":\"ERROR\",\"msg\":\"forged\"}`
	for _, request := range []string{
		"GET /v1/sos/tickets/1%0a" + forged + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"GET /v1/sos/tickets/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: a\tb" + forged + "\r\n\r\n",
		"GET /v1/sos/tickets/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: 1\" " + forged + "\r\n\r\n",
		"GET /v1/sos/tickets/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: \x1b[2Jforged\r\n\r\n",
		"GET /v1/sos/tickets/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTraceparent: 00-forged\r\nX-Forwarded-For: forged, 192.0.2.1\r\nReferer: forged\r\n\r\n",
		"MADEUP /v1/sos/tickets/1 HTTP/1.1\r\nHost: forged\r\nConnection: close\r\n\r\n",
	} {
		raw(t, w.URL, request)
	}
	send(t, http.MethodGet, w.URL+"/v1/sos/tickets/1", "", "X-Request-Id", "the-last")
	eventually.True(t, "the last line is written", func() bool { return strings.Contains(log.String(), "the-last") })
	for line := range strings.Lines(log.String()) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Errorf("%q is no event: %v", line, err)
		}
		if strings.Contains(strings.ToLower(line), "forged") || strings.ContainsRune(line, '\x1b') {
			t.Errorf("%q", line)
		}
	}
}
