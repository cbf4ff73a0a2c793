package servicetoken

import (
	"context"
	"net/http"
	"slices"

	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/token"
)

type contextKey struct{}

// CallerFrom gives the service that Require let through.
func CallerFrom(ctx context.Context) (string, bool) {
	caller, ok := ctx.Value(contextKey{}).(string)
	return caller, ok
}

// Require lets only the allowed services through to next, a route of callee:
// 401 without a valid token for callee, 403 for another service.
func (k *Keys) Require(callee string, allowed []string, next httpserver.Handler) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		scheme, credential, ok := token.FromHeader(r)
		if !ok || scheme != token.SchemeBearer {
			return ErrUnauthenticated
		}
		caller, err := k.Verify(credential, callee)
		if err != nil {
			return err
		}
		if !slices.Contains(allowed, caller) {
			return ErrForbidden
		}
		return next(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, caller)))
	}
}
