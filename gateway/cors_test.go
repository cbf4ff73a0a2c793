package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
)

const page = "https://app.example.org"

func TestAPageMayUseTheMethodsOfAPathAndNoOthers(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{CORSOrigins: page})
	for path, c := range map[string]struct{ methods, not string }{
		"/v1/sos/emergency-numbers":             {"GET HEAD", "POST PUT PATCH DELETE TRACE CONNECT"},
		"/v1/sos/tickets":                       {"GET HEAD POST", "PUT PATCH DELETE TRACE CONNECT"},
		"/v1/auth/profile":                      {"GET HEAD PATCH DELETE", "POST PUT TRACE CONNECT"},
		"/v1/notifications/preferences":         {"GET HEAD PUT", "POST PATCH DELETE TRACE CONNECT"},
		"/v1/notifications/items/0198c0de/read": {"POST", "GET PUT PATCH DELETE TRACE CONNECT"},
	} {
		a := send(t, http.MethodOptions, w.URL+path, "", "Origin", page, "Access-Control-Request-Method", "DELETE", "Access-Control-Request-Headers", "authorization,x-mallory")
		offered := strings.Split(a.Header.Get("Access-Control-Allow-Methods"), ", ")
		has := func(method string) bool {
			return slices.Contains(offered, method)
		}
		for method := range strings.FieldsSeq(c.methods) {
			if !has(method) {
				t.Errorf("%s does not offer %s: %q", path, method, offered)
			}
		}
		for method := range strings.FieldsSeq(c.not) {
			if has(method) {
				t.Errorf("%s offers %s: %q", path, method, offered)
			}
		}
		allowed := strings.ToLower(a.Header.Get("Access-Control-Allow-Headers"))
		if a.Status != http.StatusNoContent || a.Header.Get("Access-Control-Max-Age") != "600" || !strings.Contains(allowed, "authorization") || strings.Contains(allowed, "mallory") {
			t.Errorf("%s: %d %v", path, a.Status, a.Header)
		}
	}
	nowhere := send(t, http.MethodOptions, w.URL+"/v1/nowhere", "", "Origin", page, "Access-Control-Request-Method", "GET")
	if nowhere.Status != http.StatusNotFound || nowhere.Header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("nowhere: %d %v", nowhere.Status, nowhere.Header)
	}
}

func TestOnlyTheListedOriginByteForByteIsLetIn(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{CORSOrigins: page})
	for _, origin := range []string{
		"https://app.example.org.", "https://APP.example.org", "https://app.example.org:443", "https://app.example.org:8443", "https://app.example.org/",
		"https://sub.app.example.org", "https://xapp.example.org", "https://app.example.orgx", "https://app.example.org.mallory.example",
		"https://app.example.org@mallory.example", "https://mallory.example#https://app.example.org", "https://app.example.org, https://mallory.example",
		"http://app.example.org", "app.example.org", "//app.example.org", "null", "*", "file://", " ", "https://app_example.org", "https://app.example.org%00",
	} {
		a := send(t, http.MethodGet, w.URL+"/v1/sos/tickets/1", "", "Origin", origin)
		if a.Header.Get("Access-Control-Allow-Origin") != "" || a.Header.Get("Vary") != "Origin" {
			t.Errorf("%q: %v", origin, a.Header)
		}
	}
	two := send(t, http.MethodGet, w.URL+"/v1/sos/tickets/1", "", "Origin", page, "Origin", "https://mallory.example")
	if two.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("two origins: %v", two.Header)
	}
}

func TestAPageCanReadWhyItWasRefused(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{CORSOrigins: page, Short: "3/1h"})
	for name, c := range map[string]struct {
		path   string
		status int
	}{"unknown": {"/v1/nowhere", 404}, "not signed in": {"/v1/notifications", 401}, "no path": {"/v1//x", 400}} {
		a := send(t, http.MethodGet, w.URL+c.path, "", "Origin", page)
		if a.Status != c.status || a.Header.Get("Access-Control-Allow-Origin") != page && c.status != http.StatusBadRequest {
			t.Errorf("%s: %d %v", name, a.Status, a.Header)
		}
	}
	_, last := knock(t, 5, http.MethodGet, w.URL+"/.well-known/jwks.json", "Origin", page)
	if last.Status != http.StatusTooManyRequests || last.Header.Get("Access-Control-Allow-Origin") != page ||
		!strings.Contains(last.Header.Get("Access-Control-Expose-Headers"), "Retry-After") || last.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("limited: %d %v", last.Status, last.Header)
	}
}
