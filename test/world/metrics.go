package world

import (
	"net/http"
	"net/http/httptest"
)

// Measured is a World whose services' metrics can be read.
type Measured interface {
	World
	// Metrics is what a scrape of the service's first copy finds.
	Metrics(service string) string
}

// Metrics asks as Prometheus does.
func (w *embeddedWorld) Metrics(service string) string {
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/metrics", http.NoBody)
	w.metrics[service].Handler().ServeHTTP(answer, request)
	return answer.Body.String()
}
