package httpapi

import "net/http"

// jwks needs no data, so it answers while the database is still away: other
// services can start. Rotation publishes a key long before it signs, hence the caching.
func (a api) jwks(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=600")
	_, _ = w.Write(a.Signer.JWKS()) // a client that has gone is no failure of ours
	return nil
}
