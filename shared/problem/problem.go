// Package problem answers errors as RFC 9457 problem documents. It holds the
// backend's one switch from kind of fault to HTTP status.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/request"
)

// ContentType is the media type of RFC 9457 section 6.1.
const ContentType = "application/problem+json"

var (
	errNotFound         = fault.New(fault.NotFound, "not_found", "There is nothing here.")
	errMethodNotAllowed = fault.New(fault.MethodNotAllowed, "method_not_allowed", "This path does not take that method.")
)

// Status is the HTTP status of a kind of fault.
func Status(kind fault.Kind) int {
	switch kind {
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case fault.RequestTimeout:
		return http.StatusRequestTimeout
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.URITooLong:
		return http.StatusRequestURITooLong
	case fault.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case fault.ExpectationFailed:
		return http.StatusExpectationFailed
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.UpgradeRequired:
		return http.StatusUpgradeRequired
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.HeadersTooLarge:
		return http.StatusRequestHeaderFieldsTooLarge
	case fault.BadGateway:
		return http.StatusBadGateway
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Timeout:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}

// Write answers err. An unclassified error becomes an opaque 500 and a log
// line; a client that has gone away gets nothing.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == context.Canceled && errors.Is(err, context.Canceled) {
		return
	}
	e := fault.From(err)
	status := Status(e.Kind)
	logFailure(r, e, status)
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	h.Del("ETag")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", challenge(e.Code))
	}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(Document(e, status, request.From(r.Context()).ID))
	}
}

// Document is the JSON of e as RFC 9457 has it.
func Document(e *fault.Error, status int, requestID string) []byte {
	doc := make(map[string]any, 7+len(e.Extra))
	maps.Copy(doc, e.Extra)
	doc["type"] = "about:blank"
	doc["title"] = http.StatusText(status)
	doc["status"] = status
	doc["detail"] = e.Detail
	doc["code"] = e.Code
	doc["requestId"] = requestID
	if len(e.Fields) > 0 {
		doc["errors"] = e.Fields
	}
	body, err := json.Marshal(doc)
	if err != nil { // an Extra that cannot be encoded: the answer matters more than its ornament
		body, _ = json.Marshal(map[string]any{"type": "about:blank", "title": doc["title"], "status": status, "code": e.Code, "detail": e.Detail, "requestId": requestID})
	}
	return append(body, '\n')
}

// challenge is the WWW-Authenticate value: the bare scheme to who has shown
// nothing that counts, and what RFC 6750 section 3.1 adds where a token was right once.
func challenge(code string) string {
	if code == "token_expired" || code == "session_ended" {
		return `Bearer error="invalid_token", error_description="` + code + `"`
	}
	return "Bearer"
}

// logFailure: 4xx is the client's business and stands in the access log; what is ours gets a line with its cause.
func logFailure(r *http.Request, e *fault.Error, status int) {
	if status < http.StatusInternalServerError {
		return
	}
	level := slog.LevelWarn
	if e.Kind == fault.Internal {
		level = slog.LevelError
	}
	info := request.From(r.Context())
	if strings.HasPrefix(info.Pattern, "/health/") {
		level = slog.LevelDebug // not ready is what the probe asked for
	}
	info.Logger.LogAttrs(r.Context(), level, "request failed", slog.String("request_id", info.ID),
		slog.String("route", info.Pattern), slog.Int("status", status), slog.String("code", e.Code), slog.Any("error", e.Unwrap()))
}

// NotFound answers a path that no route has.
func NotFound(w http.ResponseWriter, r *http.Request) { Write(w, r, errNotFound) }

// MethodNotAllowed answers 405; the router has set Allow.
func MethodNotAllowed(w http.ResponseWriter, r *http.Request) { Write(w, r, errMethodNotAllowed) }

// Options answers OPTIONS with 204; the router has set Allow.
func Options(w http.ResponseWriter, _ *http.Request) {
	if allow := w.Header().Get("Allow"); allow != "" && !strings.Contains(allow, http.MethodOptions) {
		w.Header().Set("Allow", allow+", "+http.MethodOptions)
	}
	w.WriteHeader(http.StatusNoContent)
}
