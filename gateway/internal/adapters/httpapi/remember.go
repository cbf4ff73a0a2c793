package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
)

// remember answers from what was answered to everybody, where the route allows
// it. What a client says of caching is not asked: otherwise each could send
// every request through to the service.
func (a *api) remember(route domain.Route, next httpserver.Handler) httpserver.Handler {
	if route.CacheFor == 0 {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		key, ok := route.CacheKey(r.URL.Path, r.URL.RawQuery)
		if !ok {
			return next(w, r)
		}
		var failure error
		answer, source := a.config.Answers.Recall(r.Context(), key, func() (domain.Answer, time.Duration) {
			rec := &copier{ResponseWriter: w}
			failure = next(rec, unconditional(r))
			return rec.result(route, r)
		})
		a.counts.cache.WithLabelValues(string(source)).Inc()
		switch source {
		case app.Asked:
			return failure
		case app.Unkept:
			return next(w, r)
		default:
			giveAgain(w, r, answer)
			return nil
		}
	}
}

// unconditional is the request of somebody who has nothing yet, and as a GET:
// what it brings is for others too.
func unconditional(r *http.Request) *http.Request {
	whole := r.Clone(r.Context())
	whole.Method = http.MethodGet
	for _, name := range []string{"If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Range"} {
		whole.Header.Del(name)
	}
	return whole
}

// copier holds an answer back until it is whole, unless it is too large to be kept.
type copier struct {
	http.ResponseWriter
	status int
	body   []byte
	large  bool // and is passed on as it comes
}

// WriteHeader waits for the end of the answer.
func (c *copier) WriteHeader(status int) {
	if status >= http.StatusOK && c.status == 0 {
		c.status = status
	}
}

// Write keeps the bytes for the end.
func (c *copier) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	if !c.large && len(c.body)+len(b) <= domain.MaxAnswer {
		c.body = append(c.body, b...)
		return len(b), nil
	}
	if !c.large {
		c.large = true
		c.ResponseWriter.WriteHeader(c.status)
		if _, err := c.ResponseWriter.Write(c.body); err != nil {
			return 0, fmt.Errorf("pass on: %w", err)
		}
	}
	return c.ResponseWriter.Write(b)
}

// result sends the answer to the client, and gives it to be kept.
func (c *copier) result(route domain.Route, r *http.Request) (domain.Answer, time.Duration) {
	if c.status == 0 || c.large {
		return domain.Answer{}, 0
	}
	h := c.Header()
	keepFor := route.KeepFor(c.status, h, r.Header.Get("Authorization") != "")
	if keepFor <= 0 {
		c.ResponseWriter.WriteHeader(c.status)
		_, _ = c.ResponseWriter.Write(c.body)
		return domain.Answer{}, 0
	}
	if h.Get("Etag") == "" {
		h["Etag"] = []string{tagOf(c.body)}
	}
	answer := domain.Answer{Header: make(map[string][]string), Body: c.body}
	for _, name := range domain.KeptHeaders() {
		if values := h[name]; len(values) > 0 {
			answer.Header[name] = values
		}
	}
	delete(h, "Content-Length")
	writeTagged(c.ResponseWriter, r, h.Get("Etag"), c.body)
	return answer, keepFor
}

func giveAgain(w http.ResponseWriter, r *http.Request, a domain.Answer) {
	h := w.Header()
	maps.Copy(h, a.Header)
	h.Set("Age", strconv.FormatInt(max(0, int64(time.Since(a.Since).Seconds())), 10))
	h.Set("Cache-Status", "gateway; hit") // RFC 9211
	writeTagged(w, r, h.Get("Etag"), a.Body)
}
