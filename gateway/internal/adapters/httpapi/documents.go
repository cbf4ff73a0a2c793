package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/request"
)

// Documents gives what the gateway publishes about itself and the services.
type Documents struct {
	JSON       func(ctx context.Context) ([]byte, error) // the merged OpenAPI document
	Page       func(ctx context.Context) ([]byte, error) // the same for people
	PagePolicy string                                    // the page's Content-Security-Policy
}

// documentsCached is how long clients and proxies may keep them.
const documentsCached = "public, max-age=300"

func (a *api) documents() []httpserver.Route {
	d := a.config.Documents
	return []httpserver.Route{
		{Method: http.MethodGet, Pattern: "/openapi.json", Handler: a.document("application/json", "", d.JSON)},
		{Method: http.MethodGet, Pattern: "/docs", Handler: a.document("text/html; charset=utf-8", d.PagePolicy, d.Page)},
	}
}

// document answers a text that is the same for everybody. It counts like any other request of an address.
func (a *api) document(mediaType, policy string, text func(context.Context) ([]byte, error)) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		caller := domain.Caller{Address: request.From(r.Context()).ClientIP}
		if err := a.limit(w, r, domain.Route{Class: domain.General}, caller); err != nil {
			return err
		}
		body, err := text(r.Context())
		if err != nil {
			return err
		}
		h := w.Header()
		h.Set("Content-Type", mediaType)
		h.Set("Cache-Control", documentsCached)
		if policy != "" {
			h.Set("Content-Security-Policy", policy)
		}
		writeTagged(w, r, tagOf(body), body)
		return nil
	}
}

// tagOf names a text. The tag is weak: the same text goes out compressed and not (RFC 9110 section 8.8.1).
func tagOf(text []byte) string {
	sum := sha256.Sum256(text)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// writeTagged answers 304 to whoever has the text already.
func writeTagged(w http.ResponseWriter, r *http.Request, tag string, body []byte) {
	w.Header()["Etag"] = []string{tag}
	if domain.HasTag(r.Header.Values("If-None-Match"), tag) {
		w.Header().Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body) // a client that has gone is no failure of ours
}
