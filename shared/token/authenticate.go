package token

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/loveapp/backend/shared/httpserver"
)

// The schemes that an Authorization header may have.
const (
	SchemeBearer = "Bearer" // an access token
	SchemeGuest  = "Guest"  // a secret that a phone without an account made
	SchemeSOS    = "SOS"    // the long-lived credential that opens a call for help only
)

// FromHeader takes the request's credential. ok is false where there is none,
// more than one header, another scheme, or anything but one token68 (RFC 9110
// section 11.2) after the scheme; scheme is one of the constants above.
func FromHeader(r *http.Request) (scheme, credential string, ok bool) {
	values := r.Header["Authorization"]
	if len(values) != 1 {
		return "", "", false
	}
	name, credential, _ := strings.Cut(values[0], " ")
	credential = strings.Trim(credential, " ")
	for _, known := range []string{SchemeBearer, SchemeGuest, SchemeSOS} {
		if strings.EqualFold(name, known) && isToken68(credential) {
			return known, credential, true
		}
	}
	return "", "", false
}

func isToken68(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~+/=", c) >= 0) {
			return false
		}
	}
	return s != ""
}

type contextKey struct{}

// WithClaims gives a context that carries claims: for transports that
// authenticate otherwise than by a header.
func WithClaims(ctx context.Context, claims Claims) context.Context {
	return context.WithValue(ctx, contextKey{}, claims)
}

// ClaimsFrom gives the claims that Authenticate found.
func ClaimsFrom(ctx context.Context) (Claims, bool) {
	claims, ok := ctx.Value(contextKey{}).(Claims)
	return claims, ok
}

// Authenticate lets only requests with a valid access token through to next,
// which finds the claims with ClaimsFrom.
func Authenticate(v *Verifier, next httpserver.Handler) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		scheme, credential, ok := FromHeader(r)
		if !ok || scheme != SchemeBearer {
			return ErrUnauthenticated
		}
		claims, err := v.Verify(r.Context(), credential)
		if err != nil {
			return err
		}
		return next(w, r.WithContext(WithClaims(r.Context(), claims)))
	}
}

// RequireRole is Authenticate for bearers with one of the roles; others get 403
// forbidden, and everybody 503 while Verifier.Informed fails.
func RequireRole(v *Verifier, roles ...string) func(next httpserver.Handler) httpserver.Handler {
	return func(next httpserver.Handler) httpserver.Handler {
		return Authenticate(v, func(w http.ResponseWriter, r *http.Request) error {
			claims, _ := ClaimsFrom(r.Context())
			if !slices.Contains(roles, claims.Role) {
				return ErrForbidden
			}
			if err := v.Informed(r.Context()); err != nil {
				return err
			}
			return next(w, r)
		})
	}
}
