// Package httpapi is the gateway's public side: what every request passes on
// its way to a service.
package httpapi

import (
	"errors"
	"net/http"

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
	Verifier *token.Verifier
	Forward  func(domain.Route) httpserver.Handler // sends a route's requests to its service
	Health   []httpserver.Route
	Metrics  prometheus.Registerer
	// CORSOrigins are the web pages that may call, and open sockets, from a browser.
	CORSOrigins []string
}

type api struct {
	config Config
	cors   cors
	counts counts
}

// New gives the handler of the gateway's port.
func New(c Config) (http.Handler, error) {
	if c.App == nil || c.Verifier == nil || c.Forward == nil || len(c.Health) == 0 || c.Metrics == nil {
		return nil, errors.New("httpapi: the app, a verifier, a way to forward, health routes and metrics are required")
	}
	a := &api{config: c, cors: newCORS(c.CORSOrigins), counts: newCounts(c.App)}
	if err := a.counts.register(c.Metrics); err != nil {
		return nil, err
	}
	router := newRouter()
	httpserver.Mount(router, append(c.Health, a.routes()...))
	return unambiguous(traced(bounded(canonical(a.cors.wrap(router))))), nil
}

// newRouter answers 404 and 405 before anybody asks who is calling, and never redirects.
func newRouter() *httprouter.Router {
	router := httprouter.New()
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	router.HandleMethodNotAllowed = true
	router.NotFound = http.HandlerFunc(problem.NotFound)
	router.MethodNotAllowed = http.HandlerFunc(problem.MethodNotAllowed)
	router.GlobalOPTIONS = http.HandlerFunc(problem.Options)
	return router
}

func (a *api) routes() []httpserver.Route {
	var routes []httpserver.Route
	for _, r := range domain.Routes() {
		handler := a.admit(r, a.config.Forward(r))
		routes = append(routes, httpserver.Route{Method: r.Method, Pattern: r.Pattern, Handler: handler})
	}
	return routes
}
