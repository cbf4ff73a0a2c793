package wsapi

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
)

// opening is what the handshake has brought.
type opening struct {
	principal *domain.Principal // nil: the first frame has to authenticate
	after     *domain.Seq       // what a stream has had; nil: it starts at the newest
	refused   bool              // a ticket that is not valid
	crowded   bool              // there are too many from its address
	bytes     []byte            // sent right behind the handshake
}

// connectTime bounds becoming connected: a read of the store.
const connectTime = 5 * time.Second

// begin is the first thing that happens on a socket.
func (s *socket) begin() {
	opening := s.early
	s.early = nil
	s.alive()
	switch {
	case opening.crowded:
		s.violated(errCrowded)
	case opening.refused:
		s.violated(errUnauthorized)
	case opening.principal != nil:
		s.connect(*opening.principal, opening.after)
	default:
		s.server.wheel.schedule(s, s.server.limits.Auth)
	}
	if len(opening.bytes) > 0 {
		s.receive(opening.bytes)
	}
}

// connect makes the socket the principal's, and brings what it has missed where
// it says up to where it came.
func (s *socket) connect(p domain.Principal, after *domain.Seq) {
	s.server.wheel.cancel(s) // authenticated in time, however long this takes
	ctx, cancel := context.WithTimeout(s.server.ctx, connectTime)
	defer cancel()
	session, bring, err := s.introduce(ctx, p, after)
	switch {
	case errors.Is(err, app.ErrSessionEnded):
		s.Close(domain.SessionEnded)
	case err != nil:
		s.server.logger.DebugContext(ctx, "a socket could not be connected", "error", err)
		s.Close(domain.TryAgainLater)
	default:
		s.session.Store(session)
		s.server.metrics.authenticated.Inc()
		s.pinged = s.server.elapsed() // the first ping is due one interval from now
		s.alive()
		s.again()
		if err := bring(s.server.ctx); err != nil {
			s.Close(domain.TryAgainLater)
		}
	}
}

func (s *socket) introduce(ctx context.Context, p domain.Principal, after *domain.Seq) (*app.Session, func(context.Context) error, error) {
	if after != nil {
		return s.server.app.ConnectAfter(ctx, p, s, *after)
	}
	session, err := s.server.app.Connect(ctx, p, s)
	return session, func(context.Context) error { return nil }, err
}

// gone is the last thing that happens on a socket.
func (s *socket) gone() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.cut()
	s.server.wheel.cancel(s)
	if session := s.session.Load(); session != nil {
		session.Disconnect()
		s.server.metrics.authenticated.Dec()
	}
	if s.stream {
		s.server.metrics.streams.Dec()
	}
	s.server.forget(s)
	s.server.app.Depart(s.origin)
}

// lookAfter is what the wheel calls: the socket's deadlines, whichever has come.
func (s *socket) lookAfter() {
	session, now := s.session.Load(), s.server.elapsed()
	begun := s.begun.Load()
	switch {
	case s.isClosing():
		s.cut() // the linger is over
		return
	case session == nil:
		s.violated(errAuthTimeout)
		return
	case !s.server.now().Before(session.ExpiresAt()):
		s.Close(domain.TokenExpired)
		return
	case begun != 0 && now-begun >= int64(s.server.limits.Ping):
		s.violated(errUnfinished)
		return
	case now-s.pinged >= int64(s.server.limits.Ping):
		if s.heard.Load() < s.pinged && s.owesAnswer() {
			s.server.metrics.dead.Inc()
			s.cut()
			return
		}
		s.pinged = now
		if s.stream {
			s.write(comment, true)
		} else {
			s.write(ping, true)
		}
	}
	s.again()
}

// again has the wheel come back for the next deadline.
func (s *socket) again() {
	session := s.session.Load()
	next := time.Duration(s.pinged-s.server.elapsed()) + s.server.limits.Ping
	next = min(next, session.ExpiresAt().Sub(s.server.now()))
	s.server.wheel.schedule(s, next)
}

// violated closes the connection for what the client has done.
func (s *socket) violated(err error) {
	if v, ok := errors.AsType[*violation](err); ok {
		s.shut(v.code, v.reason, false)
	}
}
