package httpapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/request"
)

// legacyPattern is what the log and the metrics call the monolith's paths.
const legacyPattern = "/*legacy"

// beyond answers what the table does not route: 404, or the monolith's answer
// while there is one. It passes all that a route's requests pass.
func (a *api) beyond() http.Handler {
	if !a.config.Legacy {
		return http.HandlerFunc(nothing)
	}
	own := domain.OwnAreas()
	plain, signIn := domain.LegacyRoute(), domain.LegacySignIn()
	toPlain, toSignIn := a.admit(plain, a.config.Forward(plain)), a.admit(signIn, a.config.Forward(signIn))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !strings.HasPrefix(r.URL.Path, "/") || own.Hold(r.URL.Path):
			nothing(w, r)
			return
		case !slices.Contains(domain.LegacyMethods(), r.Method):
			refuseMethod(w, r)
			return
		}
		request.From(r.Context()).Pattern = legacyPattern
		if domain.AtSignIn(r.URL.Path) {
			toSignIn.ServeHTTP(w, r)
			return
		}
		toPlain.ServeHTTP(w, r)
	})
}

// nothing answers where nothing is. TRACE is refused wherever it is asked for.
func nothing(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodTrace {
		refuseMethod(w, r)
		return
	}
	problem.NotFound(w, r)
}

func refuseMethod(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", strings.Join(append(domain.LegacyMethods(), http.MethodOptions), ", "))
	if r.Method == http.MethodOptions {
		problem.Options(w, r)
		return
	}
	problem.MethodNotAllowed(w, r)
}
