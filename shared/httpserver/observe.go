package httpserver

import (
	"bufio"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/tracing"
)

const maxRequestID = 128

// eventFields is how many an access-log event has at most.
const eventFields = 7

// observe gives each request its id, address and security headers, and writes
// one access-log event and its metrics when it ends. Never the query: it may hold a ticket.
func observe(c Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		info := &request.Info{ID: requestID(r), ClientIP: clientIP(r, c.TrustedProxies), Logger: c.Logger}
		securityHeaders(w.Header(), info.ID)
		rec := &recorder{ResponseWriter: w, info: info}
		c.Metrics.Began()
		defer func() {
			took := time.Since(start)
			c.Metrics.Ended(info.Pattern, r.Method, rec.answered(), took)
			event := append(make([]slog.Attr, 0, eventFields),
				slog.String("request_id", info.ID), slog.String("method", r.Method), slog.String("route", info.Pattern),
				slog.Int("status", rec.answered()), slog.Int64("bytes", rec.bytes), slog.Duration("took", took))
			if c.Tracing != nil {
				tracing.Answered(r.Context(), r.Method, info.Pattern, info.ID)
				event = append(event, slog.String("trace_id", tracing.TraceID(r.Context())))
			}
			c.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request", event...)
		}()
		next.ServeHTTP(rec, r.WithContext(request.With(r.Context(), info)))
	})
}

// The values of the security headers. Answers share them: whoever adds one
// more appends to a full slice, which copies it.
var (
	nosniff    = []string{"nosniff"}
	deny       = []string{"DENY"}
	noReferrer = []string{"no-referrer"}
	noContent  = []string{"default-src 'none'; frame-ancestors 'none'"}
	oneYear    = []string{"max-age=31536000; includeSubDomains"}
)

// securityHeaders are those that fit an API of JSON (OWASP REST security cheat
// sheet). They are set by their canonical names, without a copy, on every answer.
func securityHeaders(h http.Header, id string) {
	h["X-Request-Id"] = []string{id}
	h["X-Content-Type-Options"] = nosniff
	h["X-Frame-Options"] = deny
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = noContent
	h["Strict-Transport-Security"] = oneYear
}

// requestID keeps the client's id where it is short and harmless in a log.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > maxRequestID {
		return idgen.NewV7()
	}
	for _, c := range []byte(id) {
		if !isIDByte(c) {
			return idgen.NewV7()
		}
	}
	return id
}

func isIDByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' || c == '.'
}

// recovered turns a panic into an opaque 500 and a log line with its stack.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(reason) // net/http's own way to cut a connection
			}
			request.From(r.Context()).Logger.ErrorContext(r.Context(), "panic", "reason", reason, "stack", string(debug.Stack()))
			if rec, ok := w.(*recorder); ok && rec.status != 0 {
				panic(http.ErrAbortHandler) // half an answer is out: cutting it is the only honest end
			}
			problem.Write(w, r, fault.New(fault.Internal, "internal", "Something went wrong on our side."))
		}()
		next.ServeHTTP(w, r)
	})
}

// recorder remembers status and size for the log, tells the info of the head, and stays out of the way of
// hijacking and flushing.
type recorder struct {
	http.ResponseWriter
	info   *request.Info
	status int
	bytes  int64
}

// head notes the first head, not those that only inform.
func (r *recorder) head(status int) {
	if r.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		r.status = status
		r.info.Headed()
	}
}

func (r *recorder) WriteHeader(status int) {
	r.head(status)
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	r.head(http.StatusOK)
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Flush serves libraries that ask for http.Flusher.
func (r *recorder) Flush() { _ = http.NewResponseController(r.ResponseWriter).Flush() }

// Hijack hands the connection over; what follows is no longer HTTP.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buf, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err == nil {
		r.head(http.StatusSwitchingProtocols)
	}
	return conn, buf, err
}

// answered is the status for the log: 499, as nginx has it, where the client left before an answer.
func (r *recorder) answered() int {
	if r.status == 0 {
		return 499
	}
	return r.status
}
