// Package wsapi serves /v1/ws, a WebSocket server (RFC 6455) on the raw
// connection, made for many thousands of clients that are silent most of the
// time; and /v1/events, where the same connections speak in server-sent events.
package wsapi

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/token"
)

// Config is what a Server needs; Limits may be left zero.
type Config struct {
	App      *app.App
	Verifier *token.Verifier
	Now      func() time.Time
	Logger   *slog.Logger
	Metrics  prometheus.Registerer
	Limits   Limits
	// Follow, where set, is told of each notification that somebody follows, as it
	// is written to a socket, and what it returns of the end.
	Follow func(n domain.Notification, live bool) (done func())
}

// Server holds the sockets of this instance.
type Server struct {
	app       *app.App
	verifier  *token.Verifier
	now       func() time.Time
	logger    *slog.Logger
	limits    Limits
	metrics   *meters
	follow    func(n domain.Notification, live bool) (done func())
	wheel     *wheel
	transport transport
	started   time.Time
	buffers   sync.Pool // of *buffer
	inbounds  sync.Pool // of *inbound
	waiting   budget

	ctx     context.Context //nolint:containedctx // what sockets ask for ends with the server, and with no request
	stop    context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	sockets  map[*socket]struct{}
	awaited  int // handshakes that were admitted and are not answered yet
	draining bool
}

// New makes a server. Run must be running while it has sockets, and Drain ends it.
func New(c Config) (*Server, error) {
	if c.App == nil || c.Verifier == nil || c.Now == nil || c.Logger == nil || c.Metrics == nil {
		return nil, errors.New("wsapi: every field of Config but Limits is required")
	}
	s := &Server{
		app: c.App, verifier: c.Verifier, now: c.Now, logger: c.Logger, limits: c.Limits.withDefaults(),
		wheel: newWheel(), started: time.Now(), follow: c.Follow, sockets: map[*socket]struct{}{},
	}
	s.metrics = newMeters(c.Metrics, s)
	s.transport = readers{s}
	s.ctx, s.stop = context.WithCancel(context.Background()) // sockets outlive the request that opened them
	return s, nil
}

// Run looks after the sockets until ctx ends. It goes on while they drain.
func (s *Server) Run(ctx context.Context) { s.wheel.run(ctx) }

func (s *Server) borrowBuffer() *buffer {
	if b, ok := s.buffers.Get().(*buffer); ok {
		return b
	}
	return new(buffer)
}

func (s *Server) borrowInbound() *inbound {
	if in, ok := s.inbounds.Get().(*inbound); ok {
		return in
	}
	return &inbound{limit: s.limits.Message}
}

func (s *Server) elapsed() int64 { return int64(time.Since(s.started)) }

// verifyTime bounds asking auth for a key that is not known here yet.
const verifyTime = 5 * time.Second

func (s *Server) verify(raw string) (domain.Principal, error) {
	ctx, cancel := context.WithTimeout(s.ctx, verifyTime)
	defer cancel()
	claims, err := s.verifier.Verify(ctx, raw)
	if err != nil {
		return domain.Principal{}, err
	}
	return principalOf(claims)
}

func principalOf(c token.Claims) (domain.Principal, error) {
	p, ok := domain.NewPrincipal(c.Subject, c.SessionID, c.Role, c.IssuedAt, c.ExpiresAt)
	if !ok {
		return domain.Principal{}, token.ErrUnauthenticated
	}
	return p, nil
}

// admit keeps a place for a socket; false when there are too many or no more are
// wanted. enter or decline follows.
func (s *Server) admit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || len(s.sockets)+s.awaited >= s.limits.Sockets {
		return false
	}
	s.awaited++
	return true
}

// enter takes the place that was kept, unless a drain has begun meanwhile.
func (s *Server) enter(sock *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited--
	if s.draining {
		return false
	}
	s.sockets[sock] = struct{}{}
	return true
}

// decline gives the place up.
func (s *Server) decline() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited--
}

func (s *Server) forget(sock *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, sock)
}

func (s *Server) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets) + s.awaited
}
