// Package httpapi is the service's HTTP surface: it decodes a request, calls
// one use case and encodes the answer.
package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
	spec "github.com/loveapp/backend/sos/api"
	"github.com/loveapp/backend/sos/internal/app"
)

// Config is what the surface needs; all of it.
type Config struct {
	App      *app.App
	Verifier *token.Verifier
	Services *servicetoken.Keys
	Health   *health.Health
	Cursors  cursor.Codec
	// Started says whether the data can be used yet; until then what needs it answers 503.
	Started func() bool
}

// requestLimit bounds the work on one request: apps give up after 5 s.
const requestLimit = 5 * time.Second

var errStarting = fault.New(fault.Unavailable, "unavailable", "This service is starting. Try again shortly.").WithRetryAfter(time.Second)

type api struct{ Config }

// New makes the handler of all routes.
func New(c Config) (http.Handler, error) {
	if c.App == nil || c.Verifier == nil || c.Services == nil || c.Health == nil || c.Started == nil {
		return nil, errors.New("httpapi: a part is missing")
	}
	router := &httprouter.Router{
		HandleMethodNotAllowed: true,
		HandleOPTIONS:          true,
		NotFound:               http.HandlerFunc(problem.NotFound),
		MethodNotAllowed:       http.HandlerFunc(problem.MethodNotAllowed),
		GlobalOPTIONS:          http.HandlerFunc(problem.Options),
	}
	httpserver.Mount(router, api{c}.routes())
	httpserver.Mount(router, append(c.Health.Routes(), document()))
	return router, nil
}

func (a api) routes() []httpserver.Route {
	return []httpserver.Route{
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets", Handler: a.trigger},
		{Method: http.MethodGet, Pattern: "/v1/sos/tickets", Handler: a.signedIn(a.listTickets)},
		{Method: http.MethodGet, Pattern: "/v1/sos/tickets/:id", Handler: a.inEmergency(a.getTicket)},
		{Method: http.MethodGet, Pattern: "/v1/sos/tickets/:id/timeline", Handler: a.inEmergency(a.timeline)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/send-now", Handler: a.inEmergency(a.sendNow)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/acknowledge", Handler: a.signedIn(a.acknowledge)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/resolve", Handler: a.byReporter(a.resolve)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/cancel", Handler: a.byReporter(a.cancel)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/reopen", Handler: a.byReporter(a.reopen)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/raise", Handler: a.signedIn(a.raise)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/comment", Handler: a.byReporter(a.comment)},
		{Method: http.MethodPost, Pattern: "/v1/sos/guest/tickets", Handler: a.guestTrigger},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/shares", Handler: a.byReporter(a.share)},
		{Method: http.MethodGet, Pattern: "/v1/sos/tickets/:id/shares", Handler: a.byReporter(a.listShares)},
		{Method: http.MethodDelete, Pattern: "/v1/sos/shares/:id", Handler: a.byReporter(a.unshare)},
		{Method: http.MethodPost, Pattern: "/v1/sos/public/track", Handler: a.bounded(a.viewByLink)},
		{Method: http.MethodPost, Pattern: "/v1/sos/public/stream", Handler: a.stream},
		{Method: http.MethodPost, Pattern: "/v1/sos/public/ack", Handler: a.bounded(a.acknowledgeByLink)},
		{Method: http.MethodPost, Pattern: "/v1/sos/guest/claim", Handler: a.signedIn(a.claim)},
		{Method: http.MethodGet, Pattern: "/v1/sos/pin", Handler: a.signedIn(a.getPin)},
		{Method: http.MethodPut, Pattern: "/v1/sos/pin", Handler: a.signedIn(a.setPin)},
		{Method: http.MethodDelete, Pattern: "/v1/sos/pin", Handler: a.signedIn(a.removePin)},
		{Method: http.MethodPost, Pattern: "/v1/sos/contacts", Handler: a.signedIn(a.inviteContact)},
		{Method: http.MethodGet, Pattern: "/v1/sos/contacts", Handler: a.signedIn(a.listContacts)},
		{Method: http.MethodPatch, Pattern: "/v1/sos/contacts/:id", Handler: a.signedIn(a.changeContact)},
		{Method: http.MethodDelete, Pattern: "/v1/sos/contacts/:id", Handler: a.signedIn(a.removeContact)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/locations", Handler: a.inEmergency(a.track)},
		{Method: http.MethodGet, Pattern: "/v1/sos/tickets/:id/trail", Handler: a.inEmergency(a.trail)},
		{Method: http.MethodPost, Pattern: "/v1/sos/tickets/:id/calls", Handler: a.inEmergency(a.call)},
		{Method: http.MethodGet, Pattern: "/v1/sos/emergency-numbers", Handler: a.emergencyNumbers},
		{Method: http.MethodPost, Pattern: "/v1/sos/contacts/:id/test", Handler: a.signedIn(a.testContact)},
		{Method: http.MethodGet, Pattern: "/v1/sos/invitations", Handler: a.signedIn(a.listInvitations)},
		{Method: http.MethodPost, Pattern: "/v1/sos/invitations/:id/accept", Handler: a.signedIn(a.acceptAddressed)},
		{Method: http.MethodPost, Pattern: "/v1/sos/invitations/:id/decline", Handler: a.signedIn(a.declineAddressed)},
		{Method: http.MethodPost, Pattern: "/v1/sos/public/call-events", Handler: a.bounded(a.callEvents)},
		{Method: http.MethodPost, Pattern: "/v1/sos/public/contact-consents", Handler: a.bounded(a.consent)},
		{Method: http.MethodPost, Pattern: "/v1/sos/contact-invitations/accept", Handler: a.signedIn(a.acceptInvitation)},
		{Method: http.MethodPost, Pattern: "/v1/sos/contact-invitations/decline", Handler: a.signedIn(a.declineInvitation)},
		{Method: http.MethodGet, Pattern: "/v1/admin/sos/tickets", Handler: a.forStaff(a.allTickets)},
		{Method: http.MethodPost, Pattern: "/v1/admin/sos/tickets/:id/assign", Handler: a.forStaff(a.assign)},
		{Method: http.MethodGet, Pattern: "/v1/admin/sos/escalation-policy", Handler: a.forStaff(a.getPolicy)},
		{Method: http.MethodPut, Pattern: "/v1/admin/sos/escalation-policy", Handler: a.forStaff(a.putPolicy)},
		{Method: http.MethodGet, Pattern: "/v1/admin/sos/stats", Handler: a.forStaff(a.stats)},
		{Method: http.MethodPost, Pattern: "/internal/rooms/authorize", Handler: a.forNotification(a.authorizeRoom)},
		{Method: http.MethodPost, Pattern: "/internal/users/:id/erase", Handler: a.forAuth(a.eraseUser)},
	}
}

// bounded gives a request its time, once the service can answer at all.
func (a api) bounded(next httpserver.Handler) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !a.Started() {
			return errStarting
		}
		ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
		defer cancel()
		return next(w, r.WithContext(ctx))
	}
}

// document is what the gateway reads to show the public part of it.
func document() httpserver.Route {
	return httpserver.Document("/internal/openapi", "application/yaml", spec.Spec())
}
