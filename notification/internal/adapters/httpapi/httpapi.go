// Package httpapi serves the service's HTTP routes.
package httpapi

import (
	"errors"
	"net/http"

	"github.com/julienschmidt/httprouter"

	spec "github.com/loveapp/backend/notification/api"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

// Config is what the handlers need.
type Config struct {
	App      *app.App
	Verifier *token.Verifier
	Services *servicetoken.Keys
	Cursors  cursor.Codec
	// Beside are the routes of others that share the port: the socket's, health.
	Beside []httpserver.Route
}

type api struct {
	app     *app.App
	cursors cursor.Codec
}

// New makes the handler of the service's port.
func New(c Config) (http.Handler, error) {
	if c.App == nil || c.Verifier == nil || c.Services == nil {
		return nil, errors.New("httpapi: App, Verifier and Services are required")
	}
	router := httprouter.New()
	router.RedirectTrailingSlash = false
	router.RedirectFixedPath = false
	router.HandleMethodNotAllowed = true
	router.NotFound = http.HandlerFunc(problem.NotFound)
	router.MethodNotAllowed = http.HandlerFunc(problem.MethodNotAllowed)
	router.GlobalOPTIONS = http.HandlerFunc(problem.Options)
	a := &api{app: c.App, cursors: c.Cursors}
	httpserver.Mount(router, a.routes(c))
	httpserver.Mount(router, append(c.Beside, httpserver.Document("/internal/openapi", "application/yaml", spec.Spec())))
	return router, nil
}

func (a *api) routes(c Config) []httpserver.Route {
	user := func(next handler) httpserver.Handler { return token.Authenticate(c.Verifier, identified(next)) }
	admin := func(next handler) httpserver.Handler {
		return token.RequireRole(c.Verifier, token.RoleAdmin, token.RoleSuperAdmin)(identified(next))
	}
	peers := []string{servicetoken.SOS, servicetoken.Auth}
	return []httpserver.Route{
		{Method: http.MethodPost, Pattern: "/internal/notifications", Handler: c.Services.Require(servicetoken.Notification, peers, a.accept)},
		{Method: http.MethodPost, Pattern: "/internal/rooms/events", Handler: c.Services.Require(servicetoken.Notification, peers, a.roomEvent)},
		{Method: http.MethodPost, Pattern: "/internal/rooms/close", Handler: c.Services.Require(servicetoken.Notification, peers, a.closeRoom)},
		{Method: http.MethodPost, Pattern: "/internal/users/:id/erase", Handler: c.Services.Require(servicetoken.Notification, []string{servicetoken.Auth}, a.erase)},
		{Method: http.MethodPost, Pattern: "/v1/notifications", Handler: admin(a.announce)},
		{Method: http.MethodGet, Pattern: "/v1/admin/connections", Handler: admin(a.connections)},
		{Method: http.MethodDelete, Pattern: "/v1/admin/notifications/:id", Handler: admin(a.cancel)},
		{Method: http.MethodGet, Pattern: "/v1/admin/notifications/:id/deliveries", Handler: admin(a.deliveries)},
		{Method: http.MethodGet, Pattern: "/v1/admin/dead-letters", Handler: admin(a.deadLetters)},
		{Method: http.MethodPost, Pattern: "/v1/admin/dead-letters/:id/replay", Handler: admin(a.replay)},
		{Method: http.MethodGet, Pattern: "/v1/admin/notification-templates", Handler: admin(a.listTemplates)},
		{Method: http.MethodPost, Pattern: "/v1/admin/notification-templates", Handler: admin(a.writeTemplate)},
		{Method: http.MethodGet, Pattern: "/v1/admin/notification-templates/:id", Handler: admin(a.showTemplate)},
		{Method: http.MethodPut, Pattern: "/v1/admin/notification-templates/:id", Handler: admin(a.replaceTemplate)},
		{Method: http.MethodDelete, Pattern: "/v1/admin/notification-templates/:id", Handler: admin(a.deleteTemplate)},
		{Method: http.MethodGet, Pattern: "/v1/notifications", Handler: user(a.list)},
		{Method: http.MethodGet, Pattern: "/v1/notifications/unread-count", Handler: user(a.unreadCount)},
		{Method: http.MethodPost, Pattern: "/v1/notifications/ack", Handler: user(a.ack)},
		{Method: http.MethodPost, Pattern: "/v1/notifications/read-all", Handler: user(a.readAll)},
		{Method: http.MethodPost, Pattern: "/v1/notifications/ws-tickets", Handler: user(a.issueTicket)},
		{Method: http.MethodGet, Pattern: "/v1/notifications/preferences", Handler: user(a.showPreferences)},
		{Method: http.MethodPut, Pattern: "/v1/notifications/preferences", Handler: user(a.putPreferences)},
		{Method: http.MethodPost, Pattern: "/v1/notifications/items/:id/read", Handler: user(a.markRead)},
		{Method: http.MethodPost, Pattern: "/v1/notifications/items/:id/unread", Handler: user(a.markUnread)},
		{Method: http.MethodDelete, Pattern: "/v1/notifications/items/:id", Handler: user(a.markDeleted)},
		{Method: http.MethodGet, Pattern: "/v1/notifications/devices", Handler: user(a.listDevices)},
		{Method: http.MethodPost, Pattern: "/v1/notifications/devices", Handler: user(a.registerDevice)},
		{Method: http.MethodDelete, Pattern: "/v1/notifications/devices/:id", Handler: user(a.removeDevice)},
		{Method: http.MethodGet, Pattern: "/v1/notifications/push-config", Handler: a.pushConfig},
	}
}
