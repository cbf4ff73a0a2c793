// Package httpapi is auth's HTTP surface: it decodes a request, calls one use
// case and encodes the answer.
package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/julienschmidt/httprouter"

	spec "github.com/loveapp/backend/auth/api"
	"github.com/loveapp/backend/auth/internal/app"
	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/shared/cursor"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/health"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/servicetoken"
	"github.com/loveapp/backend/shared/token"
)

// Config is what the surface needs; all of it.
type Config struct {
	App      *app.App
	Signer   *token.Signer
	Verifier *token.Verifier
	Services *servicetoken.Keys
	Health   *health.Health
	Cursors  cursor.Codec
	// Started says whether the data can be used yet; until then what needs it answers 503.
	Started   func() bool
	TokenLife time.Duration
	Now       func() time.Time
	NewID     func() string
}

// requestLimit bounds the work on one request: apps give up after 5 s.
const requestLimit = 5 * time.Second

var errStarting = fault.New(fault.Unavailable, "unavailable", "This service is starting. Try again shortly.").WithRetryAfter(time.Second)

type api struct{ Config }

// New makes the handler of all routes.
func New(c Config) (http.Handler, error) {
	if c.App == nil || c.Signer == nil || c.Verifier == nil || c.Services == nil || c.Health == nil || c.Started == nil ||
		c.TokenLife <= 0 || c.Now == nil || c.NewID == nil {
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
	httpserver.Mount(router, append(c.Health.Routes(), httpserver.Document("/internal/openapi", "application/yaml", spec.Spec())))
	return router, nil
}

// readers are the services that may ask about users; the gateway has no business there.
var readers = []string{servicetoken.SOS, servicetoken.Notification}

func (a api) routes() []httpserver.Route {
	everyService := []string{servicetoken.Gateway, servicetoken.Auth, servicetoken.SOS, servicetoken.Notification}
	return []httpserver.Route{
		{Method: http.MethodGet, Pattern: "/.well-known/jwks.json", Handler: a.jwks},
		{Method: http.MethodPost, Pattern: "/v1/auth/register", Handler: a.open(a.register)},
		{Method: http.MethodPost, Pattern: "/v1/auth/login", Handler: a.open(a.login)},
		{Method: http.MethodPost, Pattern: "/v1/auth/login/mfa", Handler: a.open(a.loginMFA)},
		{Method: http.MethodPost, Pattern: "/v1/auth/oidc/:provider", Handler: a.open(a.signInWith)},
		{Method: http.MethodPost, Pattern: "/v1/auth/mfa/totp", Handler: a.signedIn(a.offerTOTP)},
		{Method: http.MethodDelete, Pattern: "/v1/auth/mfa/totp", Handler: a.signedIn(a.removeTOTP)},
		{Method: http.MethodPost, Pattern: "/v1/auth/mfa/totp/confirm", Handler: a.signedIn(a.confirmTOTP)},
		{Method: http.MethodPost, Pattern: "/v1/auth/refresh", Handler: a.open(a.refresh)},
		{Method: http.MethodPost, Pattern: "/v1/auth/logout", Handler: a.signedIn(a.logout)},
		{Method: http.MethodPost, Pattern: "/v1/auth/reauthenticate", Handler: a.signedIn(a.reauthenticate)},
		{Method: http.MethodGet, Pattern: "/v1/auth/profile", Handler: a.signedIn(a.profile)},
		{Method: http.MethodPatch, Pattern: "/v1/auth/profile", Handler: a.signedIn(a.editProfile)},
		{Method: http.MethodDelete, Pattern: "/v1/auth/profile", Handler: a.signedIn(a.leave)},
		{Method: http.MethodGet, Pattern: "/v1/auth/profile/export", Handler: a.signedIn(a.export)},
		{Method: http.MethodPost, Pattern: "/v1/auth/email/verify", Handler: a.open(a.verifyEmail)},
		{Method: http.MethodPost, Pattern: "/v1/auth/email/resend", Handler: a.open(a.resendVerification)},
		{Method: http.MethodPost, Pattern: "/v1/auth/email/change", Handler: a.signedIn(a.changeEmail)},
		{Method: http.MethodPost, Pattern: "/v1/auth/password/change", Handler: a.signedIn(a.changePassword)},
		{Method: http.MethodPost, Pattern: "/v1/auth/password/forgot", Handler: a.open(a.forgotPassword)},
		{Method: http.MethodPost, Pattern: "/v1/auth/password/reset", Handler: a.open(a.resetPassword)},
		{Method: http.MethodPost, Pattern: "/v1/auth/phone/verify", Handler: a.signedIn(a.verifyPhone)},
		{Method: http.MethodPost, Pattern: "/v1/auth/phone/confirm", Handler: a.signedIn(a.confirmPhone)},
		{Method: http.MethodGet, Pattern: "/v1/auth/sessions", Handler: a.signedIn(a.sessions)},
		{Method: http.MethodDelete, Pattern: "/v1/auth/sessions/:id", Handler: a.signedIn(a.endSession)},
		{Method: http.MethodGet, Pattern: "/v1/admin/users", Handler: a.forStaff(a.users)},
		{Method: http.MethodGet, Pattern: "/v1/admin/users/:id", Handler: a.forStaff(a.anyUser)},
		{Method: http.MethodPatch, Pattern: "/v1/admin/users/:id", Handler: a.forStaff(a.superviseUser)},
		{Method: http.MethodPost, Pattern: "/v1/admin/users/:id/revoke-sessions", Handler: a.forStaff(a.revokeSessions)},
		{Method: http.MethodGet, Pattern: "/v1/admin/audit", Handler: a.forStaff(a.audit)},
		{Method: http.MethodPost, Pattern: "/internal/users/lookup", Handler: a.service(readers, a.lookUp)},
		{Method: http.MethodGet, Pattern: "/internal/users/:id", Handler: a.service(readers, a.user)},
		{Method: http.MethodGet, Pattern: "/internal/staff", Handler: a.service(readers, a.staff)},
		{Method: http.MethodGet, Pattern: "/internal/revocations", Handler: a.service(everyService, a.revocations)},
	}
}

// open is for those who have no token yet.
func (a api) open(next httpserver.Handler) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if !a.Started() {
			return errStarting
		}
		ctx, cancel := context.WithTimeout(r.Context(), requestLimit)
		defer cancel()
		return next(w, r.WithContext(ctx))
	}
}

// callerHandler serves somebody who is signed in.
type callerHandler func(w http.ResponseWriter, r *http.Request, caller app.Caller) error

func (a api) signedIn(next callerHandler) httpserver.Handler {
	return a.open(token.Authenticate(a.Verifier, func(w http.ResponseWriter, r *http.Request) error {
		claims, _ := token.ClaimsFrom(r.Context())
		user, userOK := domain.ParseUserID(claims.Subject)
		session, sessionOK := domain.ParseSessionID(claims.SessionID)
		if !userOK || !sessionOK {
			return token.ErrUnauthenticated // well signed, but not by us
		}
		return next(w, r, app.Caller{User: user, Session: session, Origin: origin(r)})
	}))
}

func (a api) service(allowed []string, next httpserver.Handler) httpserver.Handler {
	return a.open(a.Services.Require(servicetoken.Auth, allowed, next))
}

func client(r *http.Request) app.Client {
	return app.Client{Origin: origin(r), DeviceToken: r.Header.Get("X-Device-Token")}
}

func origin(r *http.Request) domain.Origin {
	ip := ""
	if addr := request.From(r.Context()).ClientIP; addr.IsValid() {
		ip = addr.String()
	}
	return domain.NewOrigin(ip, r.UserAgent())
}
