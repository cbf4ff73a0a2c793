package app

import (
	"context"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// Session is one authenticated socket. There are thousands: every field counts.
type Session struct {
	app         *App
	socket      ports.Socket
	id          domain.SocketID
	user        domain.UserID
	connectedAt time.Time

	mu        sync.Mutex
	principal domain.Principal
	progress  domain.Progress
	opened    bool        // the client has been told that it is connected
	resume    *resumption // only while the client resumes
	resumed   bool        // the client has asked to at least once
}

// resumption is what a session holds back meanwhile.
type resumption struct {
	since time.Time
	held  []held // critical ones that came live
}

type held struct {
	seq domain.Seq
	out *ports.Outgoing
}

// ID is the connection's name.
func (s *Session) ID() domain.SocketID { return s.id }

// User is whose connection it is.
func (s *Session) User() domain.UserID { return s.user }

// ExpiresAt is when the token behind it ends.
func (s *Session) ExpiresAt() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.principal.ExpiresAt
}

func (s *Session) identity() domain.Principal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.principal
}

// Refresh puts a newer token of the same session in the place of the old one.
// false: it is another user's or session's.
func (s *Session) Refresh(p domain.Principal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.principal.SameSession(p) {
		return false
	}
	if s.principal.Role != p.Role {
		wakeUp(s.app.doubted)
	}
	s.principal = p
	return true
}

// AckIDs has it noted that this device has shown just these. It does not wait
// for that, unless too many others do.
func (s *Session) AckIDs(ctx context.Context, ids []domain.NotificationID) error {
	return s.app.ackSoon(ctx, s.user, ids, nil)
}

// AckThrough notes that this device has shown everything up to seq.
func (s *Session) AckThrough(ctx context.Context, seq domain.Seq) error {
	return s.app.AckThrough(ctx, s.user, seq)
}

// Disconnect forgets the session. The transport calls it once, when the
// connection has ended.
func (s *Session) Disconnect() {
	if s.app.roster.remove(s) {
		s.app.presence.leave(s)
	}
	s.app.rooms.forget(s)
}

// offer sends n if it is the socket's turn. Sending happens under the lock, so
// that what leaves stays in order; it never waits.
func (s *Session) offer(n domain.Notification, out *ports.Outgoing, now time.Time) (sent, gap bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.opened {
		s.progress.Known(n.Seq)
		return false, false
	}
	patient := s.resume != nil && now.Sub(s.resume.since) < s.app.pace.Patience
	verdict, gap := s.progress.Offer(n.Seq, n.Urgent(), !patient)
	switch verdict {
	case domain.Send:
		s.socket.Send(out)
		return true, gap
	case domain.Overtake:
		s.socket.Send(out.Overtaking())
		return true, gap
	}
	if verdict == domain.Hold && s.resume != nil && n.Urgent() && len(s.resume.held) < maxHeld {
		s.resume.held = append(s.resume.held, held{n.Seq, out})
	}
	return false, gap
}

// tell sends what has no seq.
func (s *Session) tell(out *ports.Outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened {
		s.socket.Send(out)
	}
}

// maxHeld bounds what waits for a resume to end; more comes in its turn.
const maxHeld = 16

// known tells whether somebody has to begin catching up.
func (s *Session) known(newest domain.Seq) (gap bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.progress.Known(newest)
}

// connection is what the registry is told. The epoch is the one in force when it is.
func (s *Session) connection(lease domain.Lease) domain.Connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return domain.Connection{
		Socket: s.id, User: s.user, Session: s.principal.Session,
		Instance: lease.Instance, Epoch: lease.Epoch, ConnectedAt: s.connectedAt,
	}
}
