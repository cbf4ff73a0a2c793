package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
	"github.com/loveapp/backend/sos/internal/domain"
)

// callerHandler serves somebody whose identity is proven.
type callerHandler func(w http.ResponseWriter, r *http.Request, caller domain.Caller) error

// signedIn takes a valid access token and nothing else.
func (a api) signedIn(next callerHandler) httpserver.Handler {
	return a.bounded(token.Authenticate(a.Verifier, func(w http.ResponseWriter, r *http.Request) error {
		claims, _ := token.ClaimsFrom(r.Context())
		return next(w, r, callerOf(claims))
	}))
}

// inEmergency also takes what proves less: it opens the caller's own tickets only.
func (a api) inEmergency(next callerHandler) httpserver.Handler {
	return a.bounded(func(w http.ResponseWriter, r *http.Request) error {
		caller, err := a.identify(r.Context(), r)
		if err != nil {
			return err
		}
		return next(w, r, caller.Caller)
	})
}

// identified is a caller and how fresh the proof is.
type identified struct {
	domain.Caller
	expired bool
}

// identify takes an access token, one that is only expired, a SOS credential or
// a guest's secret: somebody in an emergency must not be sent to sign in first. A
// session that was ended on purpose proves nothing.
func (a api) identify(ctx context.Context, r *http.Request) (identified, error) {
	scheme, credential, ok := token.FromHeader(r)
	switch {
	case ok && scheme == token.SchemeBearer:
		claims, err := a.Verifier.Verify(ctx, credential)
		if errors.Is(err, token.ErrExpired) {
			return identified{domain.Caller{User: domain.UserID(claims.Subject), EmergencyOnly: true}, true}, nil
		}
		return identified{Caller: callerOf(claims)}, err
	case ok && scheme == token.SchemeSOS:
		claims, err := a.Verifier.VerifySOS(ctx, credential)
		return identified{Caller: domain.Caller{User: domain.UserID(claims.Subject), EmergencyOnly: true}}, err
	case ok && scheme == token.SchemeGuest:
		return identifyGuest(credential)
	default:
		return identified{}, token.ErrUnauthenticated
	}
}

func callerOf(claims token.Claims) domain.Caller {
	return domain.Caller{
		User:  domain.UserID(claims.Subject),
		Staff: isStaff(claims.Role),
	}
}
