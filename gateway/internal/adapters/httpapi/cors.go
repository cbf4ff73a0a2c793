package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/loveapp/backend/shared/problem"
)

const (
	corsHeaders = "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Traceparent, Tracestate, X-Device-Token, X-Request-Id"
	corsExposed = "RateLimit, RateLimit-Policy, Retry-After, Traceparent, X-Device-Token, X-Request-Id"
	corsMaxAge  = "600" // seconds: what Chromium allows, and more than a page's visit
	corsMethods = "Access-Control-Allow-Methods"
)

// cors lets pages of exactly the listed origins call from a browser. There are
// no cookies, so no credentials are allowed.
type cors struct{ origins map[string]bool }

func newCORS(origins []string) cors {
	c := cors{origins: make(map[string]bool, len(origins))}
	for _, o := range origins {
		c.origins[o] = true
	}
	return c
}

func (c cors) wrap(next http.Handler) http.Handler {
	if len(c.origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		if origin, ok := c.listed(r); ok {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", corsExposed)
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set(corsMethods, "") // options fills it in, where there is such a path
				h.Set("Access-Control-Allow-Headers", corsHeaders)
				h.Set("Access-Control-Max-Age", corsMaxAge)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// options answers OPTIONS. A page may use the methods that its path has, and no others.
func options(w http.ResponseWriter, r *http.Request) {
	if h := w.Header(); len(h[corsMethods]) > 0 {
		h.Set(corsMethods, h.Get("Allow"))
	}
	problem.Options(w, r)
}

func (c cors) listed(r *http.Request) (string, bool) {
	origins := r.Header["Origin"]
	return r.Header.Get("Origin"), len(origins) == 1 && c.origins[origins[0]]
}

// mayOpenSocket: browsers do not hold sockets to CORS, so the server must (RFC
// 6455 section 10.2). Apps send no Origin, and a page of this host may.
func (c cors) mayOpenSocket(r *http.Request) bool {
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return true
	}
	if _, ok := c.listed(r); ok {
		return true
	}
	page, err := url.Parse(origins[0])
	return err == nil && len(origins) == 1 && page.Host != "" && strings.EqualFold(page.Host, r.Host)
}
