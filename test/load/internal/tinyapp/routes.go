package tinyapp

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/token"
)

var errNobody = errors.New("nobody")

func (a *App) user(r *http.Request) (string, error) {
	_, credential, ok := token.FromHeader(r)
	if !ok {
		return "", errNobody
	}
	claims, err := a.verifier.Verify(r.Context(), credential)
	return claims.Subject, err
}

func (a *App) routes() http.Handler {
	mux := http.NewServeMux()
	known := func(status int, do func(user string, r *http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			user, err := a.user(r)
			if err != nil {
				http.Error(w, "who?", http.StatusUnauthorized)
				return
			}
			answer(w, status, do(user, r))
		}
	}
	anybody := func(status int, do func(*http.Request) any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { answer(w, status, do(r)) }
	}
	empty := func(string, *http.Request) any { return map[string]any{"items": []string{}} }
	for _, path := range []string{"/v1/notifications", "/v1/notifications/unread-count", "/v1/sos/tickets", "/v1/sos/contacts", "/v1/auth/profile", "/v1/auth/sessions"} {
		mux.HandleFunc("GET "+path, known(http.StatusOK, empty))
	}
	mux.HandleFunc("GET /.well-known/jwks.json", anybody(http.StatusOK, func(*http.Request) any { return json.RawMessage(a.signer.JWKS()) }))
	mux.HandleFunc("POST /v1/auth/register", anybody(http.StatusCreated, func(*http.Request) any { return a.signIn(idgen.NewV7()) }))
	mux.HandleFunc("POST /v1/auth/login", anybody(http.StatusOK, func(*http.Request) any { return a.signIn(idgen.NewV7()) }))
	mux.HandleFunc("POST /v1/auth/refresh", anybody(http.StatusOK, a.refresh))
	mux.HandleFunc("POST /v1/notifications", known(http.StatusAccepted, a.announce))
	mux.HandleFunc("POST /v1/notifications/ack", known(http.StatusNoContent, empty))
	mux.HandleFunc("POST /v1/notifications/read-all", known(http.StatusOK, empty))
	mux.HandleFunc("POST /v1/notifications/ws-tickets", known(http.StatusCreated, empty))
	mux.HandleFunc("POST /v1/sos/contacts", known(http.StatusCreated, a.invite))
	mux.HandleFunc("POST /v1/sos/contact-invitations/accept", known(http.StatusOK, a.accept))
	mux.HandleFunc("POST /v1/sos/tickets", known(http.StatusCreated, a.trigger))
	mux.HandleFunc("POST /v1/sos/tickets/{id}/{word}", known(http.StatusOK, empty))
	mux.HandleFunc("GET /v1/ws", a.upgrade)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before := a.before.Load(); r.URL.Path == "/v1/ws" || before == nil || !(*before)(w, r) {
			mux.ServeHTTP(w, r)
		}
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(body)
	}
}
