// Package httpserver serves HTTP the way every service of the backend does:
// bounded in size and time, observed, recovered, and drained before it stops.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/loveapp/backend/shared/metrics"
	"github.com/loveapp/backend/shared/tracing"
)

const (
	defaultDrain  = 25 * time.Second // below the 30 s that Kubernetes gives a pod
	headerTimeout = 5 * time.Second
	bodyTimeout   = 15 * time.Second
	idleTimeout   = 90 * time.Second // above the 60 s that proxies in front keep connections
	// maxHeader is what net/http reads of a head before it gives up with a bare
	// text; the gateway refuses with a problem document well below it.
	maxHeader = 32 << 10
)

// Config is what a Server needs.
type Config struct {
	Listener net.Listener
	Handler  http.Handler
	Logger   *slog.Logger
	Metrics  *metrics.Registry

	// Tracing nil follows no request.
	Tracing *tracing.Tracing

	// TrustedProxies may speak for others in X-Forwarded-For.
	TrustedProxies []netip.Prefix
	// DrainTimeout bounds how long requests may go on after the end was asked for; 0 = 25 s.
	DrainTimeout time.Duration
	// OnDrain is called when draining begins, before the listener closes: health goes not ready.
	OnDrain func()
	// Grace is how long to go on accepting after OnDrain, for balancers to notice.
	Grace time.Duration
	// ConnContext, where set, gives every connection's requests a context: for a
	// Listener whose connections know more than net/http tells.
	ConnContext func(ctx context.Context, c net.Conn) context.Context
	// WriteTimeout bounds the answer; 0 = 60 s. Handlers that stream lift it with http.ResponseController.
	WriteTimeout time.Duration
}

// Server is one HTTP listener of a process.
type Server struct {
	config Config
	server *http.Server
}

// New makes a server on a listener that is already bound, so that its URL is
// known and a taken port is an error at start.
func New(c Config) (*Server, error) {
	if c.Listener == nil || c.Handler == nil || c.Logger == nil || c.Metrics == nil {
		return nil, errors.New("httpserver: Listener, Handler, Logger and Metrics are required")
	}
	if c.DrainTimeout == 0 {
		c.DrainTimeout = defaultDrain
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = time.Minute
	}
	s := &Server{config: c}
	s.server = &http.Server{
		Handler:           c.Tracing.Handler(observe(c, recovered(c.Handler))),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout + bodyTimeout,
		WriteTimeout:      c.WriteTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnContext:       c.ConnContext,
		// "OPTIONS *" is answered as every other OPTIONS, with 204 and Allow.
		DisableGeneralOptionsHandler: true,

		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// URL is where the server can be reached from this machine.
func (s *Server) URL() string {
	addr := s.config.Listener.Addr().(*net.TCPAddr) //nolint:forcetypeassert // Listen opens TCP only
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// Run serves until ctx ends, then drains: requests in hand finish, for
// DrainTimeout at most.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.server.Serve(s.config.Listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	err := s.drain(context.WithoutCancel(ctx))
	<-failed // ErrServerClosed, as asked
	return err
}

func (s *Server) drain(ctx context.Context) error {
	if s.config.OnDrain != nil {
		s.config.OnDrain()
	}
	if s.config.Grace > 0 {
		time.Sleep(s.config.Grace)
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.DrainTimeout)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests did not finish in %s: %w", s.config.DrainTimeout, err), s.server.Close())
	}
	return nil
}

// Close stops at once, for a server that was made and never run.
func (s *Server) Close() error {
	return errors.Join(s.server.Close(), ignoreClosed(s.config.Listener.Close()))
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
