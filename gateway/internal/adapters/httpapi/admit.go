package httpapi

import (
	"net/http"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/token"
)

var (
	errFull    = fault.New(fault.Unavailable, "unavailable", "There is too much to do right now. Try again shortly.").WithRetryAfter(time.Second)
	errLimited = fault.New(fault.RateLimited, "rate_limited", "Too many requests. Wait for as long as Retry-After says.")
	errOrigin  = fault.New(fault.Forbidden, "forbidden", "This page may not open sockets here.")
)

// admit is what stands before a route: a slot must be free, the caller within
// its limits and, where the route asks for it, known. A body is read before the
// slot is taken, so that whoever sends slowly keeps nobody out.
func (a *api) admit(route domain.Route, next httpserver.Handler) httpserver.Handler {
	refreshes := route.Endpoint() == domain.RefreshEndpoint
	answered := func(entered time.Time) { a.config.App.Answered(route, entered) }
	return func(w http.ResponseWriter, r *http.Request) error {
		if a.config.App.Full(route) || a.config.App.OverCeiling(route) {
			return a.shed(route)
		}
		if route.Kind == domain.Socket && !a.cors.mayOpenSocket(r) {
			return errOrigin
		}
		caller, rejected := a.identify(r, route, refreshes)
		if err := a.limit(w, r, route, caller); err != nil {
			return err
		}
		if rejected != nil {
			return rejected
		}
		if err := readBody(w, r, route.BodyLimit); err != nil {
			return err
		}
		if route.Endless() { // what holds it open counts for its caller
			r = r.WithContext(domain.WithCaller(r.Context(), caller))
			return next(w, r)
		}
		if !a.config.App.Enter(r.Context(), route) {
			return a.shed(route)
		}
		return a.serve(w, r, answered, next)
	}
}

// serve holds a slot while an exchange with an end runs, and its place in the
// service's room until the head of the answer. Streams and sockets have no end;
// they are bounded by a count of their own.
func (a *api) serve(w http.ResponseWriter, r *http.Request, answered func(entered time.Time), next httpserver.Handler) error {
	defer a.config.App.Leave()
	info := request.From(r.Context())
	info.OnHead(time.Now(), answered)
	defer info.Headed() // where there was none
	return next(w, r)
}

func (a *api) shed(route domain.Route) error {
	a.counts.shed.WithLabelValues(string(route.Service)).Inc()
	if route.Kind == domain.Trigger {
		return errFull.WithExtra("fallback", domain.EmergencyFallback())
	}
	return errFull
}

// identify says who calls, as far as the limits and an early 401 need it. The
// error is to be answered only after the limits have counted the request.
func (a *api) identify(r *http.Request, route domain.Route, refreshes bool) (domain.Caller, error) {
	caller := domain.Caller{Address: request.From(r.Context()).ClientIP}
	if route.Kind == domain.Trigger || (route.Access == domain.Public && !refreshes) {
		return caller, nil
	}
	claims, err := a.verify(r)
	switch {
	case refreshes && claims.SessionID != "":
		caller.Known = domain.Session(claims.SessionID)
	case err == nil && !refreshes:
		caller.Known = domain.User(claims.Subject)
	}
	if route.Access == domain.SignedIn && err != nil && fault.From(err).Kind == fault.Unauthenticated {
		return caller, err
	}
	return caller, nil // what else is wrong, the service finds out: it verifies again
}

// verify gives the claims of the bearer token, also with ErrExpired.
func (a *api) verify(r *http.Request) (token.Claims, error) {
	scheme, credential, ok := token.FromHeader(r)
	if !ok || scheme != token.SchemeBearer {
		return token.Claims{}, token.ErrUnauthenticated
	}
	return a.config.Verifier.Verify(r.Context(), credential)
}
