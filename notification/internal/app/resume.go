package app

import (
	"context"
	"errors"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// replayPage is how many notifications are read and queued at once; the next
// page waits until they have left, so that a long absence on a slow line
// neither fills memory nor closes the socket.
const replayPage = 100

// Resume sends everything after seq, in order, then that it is done; what comes
// live waits. A seq beyond the newest gets the newest instead: the client's
// memory is of another time. On an error the client may ask again.
func (s *Session) Resume(ctx context.Context, after domain.Seq) error {
	newest, err := s.app.newest(ctx, s.user)
	if err != nil {
		return err
	}
	if after > newest {
		s.socket.Send(&ports.Outgoing{Message: domain.Reset{Seq: newest}})
		return nil
	}
	s.mu.Lock()
	s.rewind(after, newest)
	s.mu.Unlock()
	return s.bring(ctx, newest)
}

// rewind begins a resume. The caller holds the lock.
func (s *Session) rewind(after, newest domain.Seq) {
	s.resume, s.resumed = &resumption{since: s.app.now()}, true
	s.progress.Rewind(after, newest)
}

// bring sees a resume through.
func (s *Session) bring(ctx context.Context, newest domain.Seq) error {
	err := s.replay(ctx, newest)
	s.mu.Lock()
	s.resume = nil
	if err != nil {
		s.progress.Abandon()
		s.mu.Unlock()
		return err
	}
	s.socket.Send(&ports.Outgoing{Message: domain.Resumed{Seq: newest}})
	_, _, gap := s.progress.Missing()
	s.mu.Unlock()
	if gap {
		s.app.mend(s)
	}
	return nil
}

// replay sends what the client has missed up to newest.
func (s *Session) replay(ctx context.Context, newest domain.Seq) error {
	for {
		s.mu.Lock()
		after := s.progress.Sent()
		s.mu.Unlock()
		if after >= newest {
			return nil
		}
		sent, err := s.page(ctx, after, newest, false)
		if err != nil {
			return err
		}
		s.app.counters.Replayed.Add(int64(sent))
		if err := s.unhurried(ctx); err != nil {
			return err
		}
	}
}

// page fetches and sends the next notifications of a gap. A client whose seq is
// older than what is kept is reset to where that begins. Where seqs leap, a
// client that has not asked is reset to where they go on: it would wait for ever
// for those in between. One that has asked is told with resumed.
func (s *Session) page(ctx context.Context, after, upTo domain.Seq, unasked bool) (sent int, err error) {
	backlog, err := s.app.store.Since(ctx, s.user, after, upTo, replayPage)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.progress.Sent() != after { // the client has resumed from elsewhere meanwhile
		return 0, nil
	}
	if backlog.Purged > after { // what there was is gone because of its age
		s.socket.Send(&ports.Outgoing{Message: domain.Reset{Seq: backlog.Purged}})
		s.progress.Passed(backlog.Purged)
		after = backlog.Purged
	}
	for _, n := range backlog.Items {
		if unasked && after.Leaps(n.Seq) {
			if s.mayStillResume() {
				return sent, errTooEarly
			}
			s.socket.Send(&ports.Outgoing{Message: domain.Reset{Seq: n.Seq - 1}})
		}
		after = n.Seq
		if s.progress.Replay(n.Seq) {
			s.socket.Send(&ports.Outgoing{Message: domain.Notified{Notification: n}})
			sent++
		}
	}
	s.progress.Passed(backlog.Through)
	return sent, nil
}

// errTooEarly: the client that has just connected is not to be reset yet.
var errTooEarly = errors.New("the client may still resume")

// mayStillResume: a client that was away connects and then resumes. Were it reset
// in between, what it asks for would lie before where it stands, and it would
// drop that. The sweeper comes back to it.
func (s *Session) mayStillResume() bool {
	return !s.resumed && s.app.now().Sub(s.connectedAt) < s.app.pace.Resume
}

// unhurried waits until what was sent has left. A slow line must not keep an
// alarm back for long: past the patience, critical ones go ahead.
func (s *Session) unhurried(ctx context.Context) error {
	short, cancel := context.WithTimeout(ctx, s.app.pace.Patience)
	err := s.socket.Drained(short)
	cancel()
	s.release(s.app.now())
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return s.socket.Drained(ctx)
}

// release lets go what a resume has held back for longer than the patience.
func (s *Session) release(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resume == nil || now.Sub(s.resume.since) < s.app.pace.Patience {
		return
	}
	for _, h := range s.resume.held {
		if verdict, _ := s.progress.Offer(h.seq, true, true); verdict == domain.Overtake || verdict == domain.Send {
			s.socket.Send(h.out.Overtaking())
		}
	}
	s.resume.held = nil
}
