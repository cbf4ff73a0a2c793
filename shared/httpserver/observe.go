package httpserver

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/problem"
	"github.com/loveapp/backend/shared/request"
	"github.com/loveapp/backend/shared/tracing"
)

// observed is what is kept of one request while it is served.
type observed struct {
	recorder
	info     request.Info
	received int64 // bytes of the body that have been read
}

// countedBody counts what is read of a body, whatever its head says.
type countedBody struct {
	io.ReadCloser
	n *int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.n += int64(n)
	return n, err
}

// observe gives each request its id, address and security headers, and writes
// one access-log event and its metrics when it ends.
func observe(c Config, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		o := &observed{info: request.Info{ID: requestID(r, start), ClientIP: clientIP(r, c.TrustedProxies), Logger: c.Logger}}
		o.recorder = recorder{ResponseWriter: w, info: &o.info}
		securityHeaders(w.Header(), o.info.ID)
		c.Metrics.Began()
		defer func() { o.ended(c, r, start) }()
		inner := r.WithContext(request.With(r.Context(), &o.info))
		if r.ContentLength != 0 {
			inner.Body = &countedBody{r.Body, &o.received}
		}
		next.ServeHTTP(&o.recorder, inner)
	})
}

// ended logs the method, route and outcome; never the query: it may hold a ticket.
func (o *observed) ended(c Config, r *http.Request, start time.Time) {
	now, ctx := time.Now(), r.Context()
	took := now.Sub(start)
	c.Metrics.Ended(metrics.Exchange{
		Route: o.info.Pattern, Method: r.Method, Status: o.answered(), Took: took, Received: o.received, Sent: o.bytes,
	})
	if c.Tracing != nil {
		tracing.Answered(ctx, r.Method, o.info.Pattern, o.info.ID)
	}
	if !c.Logger.Enabled(ctx, slog.LevelInfo) {
		return
	}
	event := slog.NewRecord(now, slog.LevelInfo, "request", 0) // Logger would look up who calls it
	event.AddAttrs(
		slog.String("request_id", o.info.ID), slog.String("method", r.Method), slog.String("route", o.info.Pattern),
		slog.Int("status", o.answered()), slog.Int64("bytes", o.bytes), slog.Duration("took", took))
	if c.Tracing != nil {
		event.AddAttrs(slog.String("trace_id", tracing.TraceID(ctx)))
	}
	_ = c.Logger.Handler().Handle(ctx, event) // a log that cannot be written is no reason to fail
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
