// Package httpapi is the gateway's public side: what every request passes on
// its way to a service.
package httpapi

import (
	"errors"
	"net/http"
	"slices"

	"github.com/julienschmidt/httprouter"
	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/token"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what the API needs; everything is required but CORSOrigins.
type Config struct {
	App      *app.App
	Answers  *app.Answers
	Verifier *token.Verifier
	Forward  func(domain.Route) httpserver.Handler // sends a route's requests to its service
	Health   []httpserver.Route
	// Documents are answered by the gateway itself.
	Documents Documents
	Metrics   prometheus.Registerer
	// CORSOrigins are the web pages that may call, and open sockets, from a browser.
	CORSOrigins []string
	// Legacy says that what the table does not route goes to the monolith.
	Legacy bool
}

type api struct {
	config   Config
	cors     cors
	counts   counts
	compress func(http.Handler) http.HandlerFunc
}

// New gives the handler of the gateway's port.
func New(c Config) (http.Handler, error) {
	if c.App == nil || c.Answers == nil || c.Verifier == nil || c.Forward == nil || len(c.Health) == 0 || c.Metrics == nil ||
		c.Documents.JSON == nil || c.Documents.Page == nil {
		return nil, errors.New("httpapi: the app, a verifier, a way to forward, health routes, documents and metrics are required")
	}
	compress, err := newCompressor()
	if err != nil {
		return nil, err
	}
	a := &api{config: c, cors: newCORS(c.CORSOrigins), counts: newCounts(c.App), compress: compress}
	if err := a.counts.register(c.Metrics); err != nil {
		return nil, err
	}
	router := newRouter(a.beyond())
	httpserver.Mount(router, slices.Concat(a.routes(), a.compressed(c.Health), a.compressed(a.documents())))
	return unambiguous(traced(bounded(canonical(a.cors.wrap(router))))), nil
}

// newRouter answers 404 and 405 before anybody asks who is calling, and never redirects.
func newRouter(beyond http.Handler) *httprouter.Router {
	router := httprouter.New()
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	router.HandleMethodNotAllowed = true
	router.NotFound = beyond
	router.MethodNotAllowed = http.HandlerFunc(problem.MethodNotAllowed)
	router.GlobalOPTIONS = http.HandlerFunc(options)
	return router
}

func (a *api) routes() []httpserver.Route {
	var routes []httpserver.Route
	for _, r := range domain.Routes() {
		route := []httpserver.Route{{Method: r.Method, Pattern: r.Pattern, Handler: a.admit(r, a.remember(r, a.config.Forward(r)))}}
		if r.MayCompress() {
			route = a.compressed(route)
		}
		routes = append(routes, route...)
	}
	return routes
}

// compressed wraps the handlers of routes.
func (a *api) compressed(routes []httpserver.Route) []httpserver.Route {
	wrapped := make([]httpserver.Route, 0, len(routes))
	for _, r := range routes {
		compressing := a.compress(r.Handler)
		r.Handler = func(w http.ResponseWriter, q *http.Request) error { compressing(w, q); return nil }
		wrapped = append(wrapped, r)
	}
	return wrapped
}
