package gateway_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/gateway/internal/domain"
)

func TestEveryRouteReachesItsService(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	services := map[domain.Service]*service{domain.Auth: w.people.service, domain.Notification: w.notify, domain.SOS: w.sos}
	parameter := regexp.MustCompile(`:\w+`)
	alice := w.people.bearer(t, "alice")
	for _, route := range domain.Routes() {
		if route.Kind == domain.Socket || route.Pattern == "/.well-known/jwks.json" {
			continue
		}
		path := parameter.ReplaceAllString(route.Pattern, "0198c0de")
		before := services[route.Service].Hits.Load()
		a := send(t, route.Method, w.URL+path+"?q=1", "", "Authorization", alice)
		if a.Status != http.StatusOK || services[route.Service].Hits.Load() == before {
			t.Errorf("%s: %d %s", route.Endpoint(), a.Status, a.Body)
			continue
		}
		if e := a.echoed(t); e.Method != route.Method || e.URI != path+"?q=1" {
			t.Errorf("%s arrived as %s %s", route.Endpoint(), e.Method, e.URI)
		}
		if route.Method != http.MethodGet {
			continue
		}
		if head := send(t, http.MethodHead, w.URL+path, "", "Authorization", alice); head.Status != http.StatusOK || head.Body != "" {
			t.Errorf("HEAD %s: %d %q", path, head.Status, head.Body)
		}
	}
}

func TestWhatDoesNotExistIsNotFoundBeforeAnybodyIsAskedWhoTheyAre(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for name, path := range map[string]string{
		"unknown":                   "/v1/nothing",
		"root":                      "/",
		"internal":                  "/internal/users/lookup",
		"internal revocations":      "/internal/revocations",
		"metrics":                   "/metrics",
		"trailing slash":            "/v1/auth/profile/",
		"trailing slash, parameter": "/v1/sos/tickets/",
		"empty parameter":           "/v1/auth/sessions/",
		"deeper than a parameter":   "/v1/sos/tickets/1/2/3",
		"other case":                "/V1/auth/profile",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			if a := send(t, method, w.URL+path, ""); a.Status != http.StatusNotFound || a.problem(t).Code != "not_found" {
				t.Errorf("%s: %s %s: %d %s", name, method, path, a.Status, a.Body)
			}
		}
	}
	if n := w.notify.Hits.Load() + w.sos.Hits.Load(); n != 0 {
		t.Errorf("services were asked %d times", n)
	}
}

func TestAnotherMethodIsNotAllowedBeforeAnybodyIsAskedWhoTheyAre(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	for path, allow := range map[string]string{
		"/v1/auth/profile":   "DELETE, GET, HEAD, OPTIONS, PATCH",
		"/v1/auth/login":     "OPTIONS, POST",
		"/v1/sos/tickets":    "GET, HEAD, OPTIONS, POST",
		"/v1/sos/tickets/1":  "GET, HEAD, OPTIONS",
		"/v1/ws":             "GET, HEAD, OPTIONS",
		"/health":            "GET, HEAD, OPTIONS",
		"/v1/sos/contacts/1": "DELETE, OPTIONS, PATCH",
	} {
		for _, method := range []string{http.MethodPut, http.MethodTrace, "PROPFIND"} {
			a := send(t, method, w.URL+path, "")
			if a.Status != http.StatusMethodNotAllowed || a.Header.Get("Allow") != allow || a.problem(t).Code != "method_not_allowed" {
				t.Errorf("%s %s: %d, Allow %q, %s", method, path, a.Status, a.Header.Get("Allow"), a.Body)
			}
		}
		a := send(t, http.MethodOptions, w.URL+path, "")
		if got := strings.Split(a.Header.Get("Allow"), ", "); a.Status != http.StatusNoContent || !slices.Contains(got, "OPTIONS") || a.Header.Get("Allow") != allow {
			t.Errorf("OPTIONS %s: %d, Allow %q", path, a.Status, a.Header.Get("Allow"))
		}
	}
	for _, target := range []string{"/", "/v1/nothing", "*"} {
		a, _ := raw(t, w.URL, "TRACE "+target+" HTTP/1.1\r\nHost: x\r\n\r\n")
		if a.Status != http.StatusMethodNotAllowed || a.problem(t).Code != "method_not_allowed" || !strings.Contains(a.Header.Get("Allow"), "GET") {
			t.Errorf("TRACE %s: %d, Allow %q", target, a.Status, a.Header.Get("Allow"))
		}
	}
	a, _ := raw(t, w.URL, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
	if a.Status != http.StatusNoContent || !strings.Contains(a.Header.Get("Allow"), "GET, HEAD, OPTIONS") || a.Header.Get("X-Request-Id") == "" {
		t.Errorf("OPTIONS *: %d %v", a.Status, a.Header)
	}
	if a, _ := raw(t, w.URL, "CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n"); a.Status != http.StatusMethodNotAllowed {
		t.Errorf("CONNECT: %d", a.Status)
	}
}

func TestEveryAnswerCarriesItsIDsAndSecurityHeadersOnce(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	chatty := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for _, name := range []string{"X-Request-Id", "X-Content-Type-Options", "Content-Security-Policy", "Strict-Transport-Security", "Traceparent", "Access-Control-Allow-Origin"} {
			w.Header().Set(name, "the service's")
		}
		w.Header().Set("Server", "secret/1.0")
		w.Header().Set("Via", "1.1 inner")
		w.Header().Set("X-Device-Token", "kept")
	})
	direct := start(t, gatewaytest.Options{SOSURLs: []string{chatty.URL}})
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for name, a := range map[string]answer{
		"error":   send(t, http.MethodGet, w.URL+"/v1/nothing", "", "X-Request-Id", "mine", "Traceparent", trace),
		"health":  send(t, http.MethodGet, w.URL+"/health/live", "", "X-Request-Id", "mine", "Traceparent", trace),
		"service": send(t, http.MethodGet, direct.URL+"/v1/sos/emergency-numbers", "", "X-Request-Id", "mine", "Traceparent", trace),
	} {
		for header, want := range map[string]string{
			"X-Request-Id": "mine", "Traceparent": trace, "X-Content-Type-Options": "nosniff", "Server": "", "Via": "", "Access-Control-Allow-Origin": "",
		} {
			if got := a.Header.Values(header); strings.Join(got, "|") != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if got := a.Header.Values("Strict-Transport-Security"); len(got) != 1 || got[0] == "the service's" {
			t.Errorf("%s: Strict-Transport-Security is %q", name, got)
		}
	}
	if a := send(t, http.MethodGet, direct.URL+"/v1/sos/emergency-numbers", "", "Traceparent", "00-junk"); a.Header.Get("X-Device-Token") != "kept" ||
		!regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-00$`).MatchString(a.Header.Get("Traceparent")) {
		t.Errorf("%v", a.Header)
	}
}
