package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
)

func TestAPathWithAnotherReadingIsRefusedOnTheWire(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for _, path := range []string{
		"//v1/sos/emergency-numbers", "/v1//sos/emergency-numbers", "/v1/./sos/emergency-numbers", "/v1/x/../sos/emergency-numbers",
		"/v1/%2e%2e/internal/users", "/v1/..;/internal/users", "/v1/sos%2femergency-numbers", "/v1/sos%5cemergency-numbers",
		`/v1/sos\emergency-numbers`, "/v1/sos/emergency-numbers%00", "/v1/sos/%65mergency-numbers", "/v1/sos/emergency-numbers%0d%0aX:1",
		"/v1/%c0%af/x", "/v1/%252e%252e/x", "/v1/sos/emergency-numbers#x", "/../v1/sos/emergency-numbers", "/v1/sos/emergency-numbers/..",
		"http://" + strings.TrimPrefix(w.URL, "http://") + "/v1//sos/emergency-numbers",
	} {
		a, _ := raw(t, w.URL, "GET "+path+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	if n := w.notify.Hits.Load() + w.sos.Hits.Load(); n != 0 {
		t.Errorf("services were asked %d times", n)
	}
}

func TestAnAbsoluteTargetIsForwardedAsAPath(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	a, _ := raw(t, w.URL, "GET http://evil.example/v1/sos/emergency-numbers?country=DE HTTP/1.1\r\nHost: other.example\r\n\r\n")
	if e := a.echoed(t); e.URI != "/v1/sos/emergency-numbers?country=DE" || strings.Contains(e.Host, "evil") {
		t.Errorf("%+v", e)
	}
}

// request is a POST to an open route with the given extra head lines and body.
func request(proto, lines, body string) string {
	return "POST /v1/sos/public/track " + proto + "\r\nHost: x\r\nContent-Type: application/json\r\n" + lines + "\r\n" + body
}

func TestARequestThatSaysItsLengthInTwoWaysIsRefusedAndItsConnectionClosed(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for name, payload := range map[string]string{
		"CL.TE":                       request("HTTP/1.1", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"),
		"TE.CL":                       request("HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n"),
		"CL.TE, head in pieces":       request("HTTP/1.1", "content-length: 6\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\nG"),
		"TE.TE":                       request("HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
		"TE unknown":                  request("HTTP/1.1", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
		"TE list":                     request("HTTP/1.1", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
		"TE with a space":             request("HTTP/1.1", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
		"TE with a tab":               request("HTTP/1.1", "Transfer-Encoding:\tx\tchunked\r\n", "0\r\n\r\n"),
		"TE in HTTP/1.0":              request("HTTP/1.0", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"),
		"two lengths":                 request("HTTP/1.1", "Content-Length: 2\r\nContent-Length: 3\r\n", "{}x"),
		"a list of lengths":           request("HTTP/1.1", "Content-Length: 2, 3\r\n", "{}x"),
		"a signed length":             request("HTTP/1.1", "Content-Length: +2\r\n", "{}"),
		"a negative length":           request("HTTP/1.1", "Content-Length: -2\r\n", "{}"),
		"a hexadecimal length":        request("HTTP/1.1", "Content-Length: 0x2\r\n", "{}"),
		"chunk size too large":        request("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"),
		"chunk size with a prefix":    request("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "0x2\r\n{}\r\n0\r\n\r\n"),
		"chunk longer than its size":  request("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
		"NUL in a header":             request("HTTP/1.1", "X-A: a\x00b\r\nContent-Length: 2\r\n", "{}"),
		"no host":                     "GET /v1/sos/emergency-numbers HTTP/1.1\r\n\r\n",
		"two hosts":                   "GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"a GET with a body":           "GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
		"a query that does not parse": "GET /v1/sos/emergency-numbers?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
		"a query with a semicolon":    "GET /v1/sos/emergency-numbers?a=1;b=2 HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, closed := raw(t, w.URL, payload)
			refused := a.Status == http.StatusBadRequest || (a.Status == http.StatusNotImplemented && strings.Contains(name, "TE"))
			if !refused {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if p := a.problem(t); p.Code == "" || p.RequestID == "" || p.RequestID != a.Header.Get("X-Request-Id") || a.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%+v %v", p, a.Header)
			}
			if (strings.Contains(name, "TE") || strings.Contains(name, "length")) && !closed {
				t.Error("the connection goes on")
			}
		})
	}
	t.Cleanup(func() {
		if n := w.sos.Hits.Load(); n != 0 {
			t.Errorf("the service was asked %d times", n)
		}
	})
}

func TestAChunkedBodyAloneIsFineAlsoOnAConnectionThatIsKept(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	first := request("HTTP/1.1", "Content-Length: 16\r\n", `{"token":"abcd"}`)
	second := request("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "4;ext=1\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\nX-User-Id: mallory\r\n\r\n")
	conn := &kept{conn: dial(t, w.URL)}
	if a := conn.ask(t, first); a.echoed(t).Body != `{"token":"abcd"}` {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	a := conn.ask(t, second)
	e := a.echoed(t)
	if e.Body != `{"a":1}` || e.Header.Get("Content-Length") != "7" || len(e.Trailer) != 0 || e.Header.Get("X-User-Id") != "" {
		t.Errorf("%d %+v", a.Status, e)
	}
	if a := conn.ask(t, first); a.Status != http.StatusOK {
		t.Errorf("third request: %d", a.Status)
	}
}

func TestSizesAreBounded(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	many := strings.Repeat("X-A: b\r\n", 120)
	for name, c := range map[string]struct {
		payload string
		status  int
		code    string
	}{
		"a long address":     {"GET /v1/sos/emergency-numbers?q=" + strings.Repeat("a", 9<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"},
		"many headers":       {"GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\n" + many + "\r\n", 431, "headers_too_large"},
		"a large head":       {"GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 16<<10) + "\r\n\r\n", 431, "headers_too_large"},
		"a larger head":      {"GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 30<<10) + "\r\n\r\n", 431, "headers_too_large"},
		"a huge head":        {"GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\nX-A: " + strings.Repeat("a", 60<<10) + "\r\n\r\n", 431, "headers_too_large"},
		"a large body":       {request("HTTP/1.1", "Content-Length: 65537\r\n", "x"), 413, "payload_too_large"},
		"large chunks":       {request("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "10001\r\n"+strings.Repeat("x", 0x10001)+"\r\n0\r\n\r\n"), 413, "payload_too_large"},
		"a large alarm":      {strings.Replace(request("HTTP/1.1", "Content-Length: 16385\r\n", "x"), "/v1/sos/public/track", "/v1/sos/tickets", 1), 413, "payload_too_large"},
		"half an escape":     {"GET /v1/sos/emergency-numbers?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_query"},
		"a semicolon":        {"GET /v1/sos/emergency-numbers?a=1;b=2 HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_query"},
		"an odd expectation": {request("HTTP/1.1", "Expect: tea\r\nContent-Length: 2\r\n", "{}"), 417, "expectation_failed"},
		"another version":    {"GET /v1/sos/emergency-numbers HTTP/2.0\r\nHost: x\r\n\r\n", 505, "http_version_not_supported"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := raw(t, w.URL, c.payload)
			if a.Status != c.status || (c.code != "" && a.problem(t).Code != c.code) {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
}

func TestTheLargestHeadPasses(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	const head = "GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\n"
	full := 16<<10 - len("Host: x\r\nX-A: \r\n")
	for name, c := range map[string]struct {
		payload string
		status  int
	}{
		"100 headers":       {head + strings.Repeat("X-A: b\r\n", 99) + "\r\n", 200},
		"101":               {head + strings.Repeat("X-A: b\r\n", 100) + "\r\n", 431},
		"16 KiB":            {head + "X-A: " + strings.Repeat("a", full) + "\r\n\r\n", 200},
		"16 KiB and a byte": {head + "X-A: " + strings.Repeat("a", full+1) + "\r\n\r\n", 431},
	} {
		if a, _ := raw(t, w.URL, c.payload); a.Status != c.status {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

func TestTheLargestBodyPasses(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	body := strings.Repeat("x", 64<<10)
	if a := send(t, http.MethodPost, w.URL+"/v1/sos/public/track", body); a.echoed(t).Body != body {
		t.Errorf("%d", a.Status)
	}
}

func TestHeadersThatClaimAnIdentityAreTakenAwayInEverySpelling(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	claims := []string{
		"X-User-Id", "x-user-role", "X-USER-ID", "X_User_Id", "x_user-id", "X-Auth-Request-User", "X-Internal-Token", "X-Forwarded", "Forwarded",
		"X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "X-Forwarded-Server", "X-HTTP-Method-Override", "X-Original-URL", "Via", "Proxy-Authorization",
		"X-Idempotency-Key", "X-Client-IP",
	}
	lines := "Connection: keep-alive, X-Forwarded-For, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 300\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
	for _, name := range claims {
		lines += name + ": mallory\r\n"
	}
	a, _ := raw(t, w.URL, "GET /v1/sos/tickets/1/timeline HTTP/1.1\r\nHost: app.example\r\nAccept: a/b\r\nLast-Event-ID: 7\r\nX-Device-Token: d\r\n"+lines+"\r\n")
	e := a.echoed(t)
	for name, values := range e.Header {
		if strings.Contains(fmt.Sprint(values), "mallory") {
			t.Errorf("%s arrived: %q", name, values)
		}
	}
	for _, name := range []string{"Connection", "X-Hop", "Keep-Alive", "Te", "Upgrade"} {
		if v := e.Header.Values(name); len(v) != 0 {
			t.Errorf("%s arrived: %q", name, v)
		}
	}
	for name, want := range map[string]string{
		"Accept": "a/b", "Last-Event-Id": "7", "X-Device-Token": "d", "X-Forwarded-Host": "app.example", "X-Forwarded-Proto": "http",
		"X-Forwarded-For": "127.0.0.1", "X-Request-Id": a.Header.Get("X-Request-Id"), "Traceparent": a.Header.Get("Traceparent"),
	} {
		if got := e.Header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s arrived as %q, want %q", name, got, want)
		}
	}
}

func TestTheClientsAddressIsTheRightmostThatNoTrustedProxyOwns(t *testing.T) {
	t.Parallel()
	trusting := start(t, gatewaytest.Options{TrustedProxies: "127.0.0.0/8,10.0.0.0/8"})
	wary := start(t, gatewaytest.Options{TrustedProxies: "10.0.0.0/8"})
	for name, c := range map[string]struct {
		world         *world
		claimed       string
		proto         string
		address, want string
	}{
		"a trusted proxy":        {trusting, "203.0.113.9", "https", "203.0.113.9", "https"},
		"behind another proxy":   {trusting, "198.51.100.7, 203.0.113.9, 10.1.1.1", "https", "203.0.113.9", "https"},
		"an odd scheme":          {trusting, "203.0.113.9", "gopher", "203.0.113.9", "http"},
		"nonsense":               {trusting, "mallory", "http", "127.0.0.1", "http"},
		"somebody from anywhere": {wary, "203.0.113.9", "https", "127.0.0.1", "http"},
	} {
		e := send(t, http.MethodGet, c.world.URL+"/v1/sos/tickets/1/timeline", "", "X-Forwarded-For", c.claimed, "X-Forwarded-Proto", c.proto).echoed(t)
		if e.Header.Get("X-Forwarded-For") != c.address || e.Header.Get("X-Forwarded-Proto") != c.want {
			t.Errorf("%s: %q by %q", name, e.Header.Get("X-Forwarded-For"), e.Header.Get("X-Forwarded-Proto"))
		}
	}
}

func TestCORSAnswersListedOriginsOnly(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{CORSOrigins: "https://app.example.org, http://localhost:8100"})
	url := w.URL + "/v1/sos/emergency-numbers"
	for origin, want := range map[string]string{
		"https://app.example.org": "https://app.example.org", "http://localhost:8100": "http://localhost:8100",
		"https://app.example.org.evil.example": "", "https://evil-app.example.org": "", "http://app.example.org": "", "null": "", "*": "",
	} {
		a := send(t, http.MethodGet, url, "", "Origin", origin)
		if got := a.Header.Get("Access-Control-Allow-Origin"); got != want || a.Header.Get("Vary") != "Origin" || a.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %q", origin, a.Header)
		}
		preflight := send(t, http.MethodOptions, url, "", "Origin", origin, "Access-Control-Request-Method", "POST")
		if preflight.Status != http.StatusNoContent || (preflight.Header.Get("Access-Control-Allow-Methods") != "") != (want != "") {
			t.Errorf("%s: preflight %d %v", origin, preflight.Status, preflight.Header)
		}
	}
	if a := send(t, http.MethodGet, start(t, gatewaytest.Options{}).URL+"/v1/sos/emergency-numbers", "", "Origin", "https://app.example.org"); a.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("without a list an origin is let in")
	}
}
