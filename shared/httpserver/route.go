package httpserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/request"
)

// Handler answers a request or returns the error to answer it with.
type Handler func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP makes a Handler an http.Handler; its error becomes a problem document.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		problem.Write(w, r, err)
	}
}

// Route is one method and path of a service. Pattern has httprouter's syntax:
// /v1/things/:id.
type Route struct {
	Method  string
	Pattern string
	Handler Handler
}

// Router is what Mount needs of httprouter.Router.
type Router interface {
	Handler(method, path string, handler http.Handler)
}

// Mount registers the routes, and HEAD beside every GET (RFC 9110 section
// 9.3.2; net/http drops the body). An empty path parameter, which httprouter
// matches, is 404.
func Mount(router Router, routes []Route) {
	for _, route := range routes {
		handler := matched(route)
		router.Handler(route.Method, route.Pattern, handler)
		if route.Method == http.MethodGet {
			router.Handler(http.MethodHead, route.Pattern, handler)
		}
	}
}

func matched(route Route) http.Handler {
	parameters := strings.Contains(route.Pattern, ":")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request.From(r.Context()).Pattern = route.Pattern
		if parameters && hasEmptyParameter(route.Pattern, r.URL.Path) {
			problem.NotFound(w, r)
			return
		}
		route.Handler.ServeHTTP(w, r)
	})
}

func hasEmptyParameter(pattern, path string) bool {
	for part := range strings.SplitSeq(pattern, "/") {
		value, rest, _ := strings.Cut(path, "/")
		if strings.HasPrefix(part, ":") && value == "" {
			return true
		}
		path = rest
	}
	return false
}

// WriteJSON answers v with the status. What a service says is about people, so
// nothing may keep it unless the handler has set Cache-Control itself.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that has gone is no failure of ours
	return nil
}

// NoContent answers 204.
func NoContent(w http.ResponseWriter) error {
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
