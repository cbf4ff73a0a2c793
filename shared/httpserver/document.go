package httpserver

import "net/http"

// Document is a route that answers one fixed text. The gateway reads the
// services' OpenAPI files this way and shows their public part.
func Document(pattern, mediaType string, text []byte) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Handler: func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(text) // a client that has gone is no failure of ours
		return nil
	}}
}
