package domain_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/loveapp/backend/gateway/internal/domain"
)

func TestPathsWithOneMeaningPassDecoded(t *testing.T) {
	t.Parallel()
	for escaped, want := range map[string]string{
		"/":                        "/",
		"/v1/sos/tickets":          "/v1/sos/tickets",
		"/v1/sos/tickets/0198-ab~": "/v1/sos/tickets/0198-ab~",
		"/.well-known/jwks.json":   "/.well-known/jwks.json",
		"/v1/things/caf%C3%A9":     "/v1/things/café",
		"/v1/things/a%20b":         "/v1/things/a b",
		"/v1/things/...":           "/v1/things/...",
		"/v1/things/":              "/v1/things/",
	} {
		if got, ok := domain.CanonicalPath(escaped); !ok || got != want {
			t.Errorf("CanonicalPath(%q) = %q, %v; want %q", escaped, got, ok, want)
		}
	}
}

func TestPathsWithAnotherReadingAreRefused(t *testing.T) {
	t.Parallel()
	for _, escaped := range []string{
		"", "*", "v1", "http://host/v1",
		"//v1", "/v1//auth", "/v1/./auth", "/v1/../auth", "/..", "/.", "/v1/auth/..",
		"/v1/..;/auth", "/v1/..;x=1/auth", "/v1/.;/auth", "/v1/;/../auth",
		"/%2e%2e/v1", "/v1/%2E/auth", "/v1/%2e./auth", "/v1/.%2e/auth",
		"/v1%2fauth", "/v1%2Fauth", "/v1%5cauth", `/v1\auth`, "/v1%3b/auth",
		"/v1/%00", "/v1/%0a", "/v1/%0d%0aSet-Cookie:x", "/v1/%7f", "/v1/\x01",
		"/v1/%252e%252e/auth", "/v1/%61uth", "/v1/%3fx", "/v1/%23x", "/v1/#x", "/v1/?x",
		"/v1/%c0%af", "/v1/%c0%ae%c0%ae/auth", "/v1/%ff", "/v1/%", "/v1/%2", "/v1/%zz", "/v1/\xff",
	} {
		if got, ok := domain.CanonicalPath(escaped); ok {
			t.Errorf("CanonicalPath(%q) passed as %q", escaped, got)
		}
	}
}

func FuzzCanonicalPath(f *testing.F) {
	for _, seed := range []string{"/", "/v1/auth", "/a//b", "/%2e%2e/", "/..;/", "/caf%C3%A9", "/%c0%af", "/a%5cb", "/%00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, escaped string) {
		path, ok := domain.CanonicalPath(escaped)
		if !ok {
			return
		}
		if !utf8.ValidString(path) || strings.ContainsAny(path, "\\\x00\r\n%#?") || strings.Contains(path, "//") {
			t.Fatalf("%q passed as %q", escaped, path)
		}
		for segment := range strings.SplitSeq(path, "/") {
			if name, _, _ := strings.Cut(segment, ";"); name == "." || name == ".." {
				t.Fatalf("%q passed with a dot segment as %q", escaped, path)
			}
		}
		forwarded := (&url.URL{Path: path}).EscapedPath()
		if again, ok := domain.CanonicalPath(forwarded); !ok || again != path {
			t.Fatalf("%q is forwarded as %q, which reads %q, %v", escaped, forwarded, again, ok)
		}
	})
}
