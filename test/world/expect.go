package world

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/gobwas/ws/wsutil"
)

// Say sends a frame.
func (s *Socket) Say(frame any) {
	s.t.Helper()
	text, err := json.Marshal(frame)
	if err != nil {
		s.t.Fatalf("encode a frame: %v", err)
	}
	if err := wsutil.WriteClientText(s.conn, text); err != nil {
		s.t.Fatalf("send %s: %v", text, err)
	}
}

// Expect gives the next frame and fails unless it has that type.
func (s *Socket) Expect(frameType string) Frame {
	s.t.Helper()
	return s.ExpectWithin(Patience, frameType)
}

// ExpectWithin is Expect for what the product promises by a time.
func (s *Socket) ExpectWithin(limit time.Duration, frameType string) Frame {
	s.t.Helper()
	frame, err := s.Next(limit)
	if err != nil {
		s.t.Fatalf("no frame of type %s: %v", frameType, err)
	}
	if frame.Type != frameType {
		s.t.Fatalf("the frame is %s, want type %s", frame.Raw, frameType)
	}
	return frame
}

// ExpectNotification gives the next frame, which must be a notification of that
// kind about that ticket, with the seq that follows.
func (s *Socket) ExpectNotification(limit time.Duration, kind, ticketID string) Notification {
	s.t.Helper()
	frame := s.ExpectWithin(limit, "notification")
	n := frame.Notification
	if n == nil || n.Seq != frame.Seq {
		s.t.Fatalf("the frame holds no notification of its seq: %s", frame.Raw)
	}
	if n.Kind() != kind || n.TicketID() != ticketID {
		s.t.Fatalf("the notification is %s about %q, want %s about %q", n.Kind(), n.TicketID(), kind, ticketID)
	}
	if n.Seq != s.Last+1 {
		s.t.Fatalf("seq goes from %d to %d", s.Last, n.Seq)
	}
	s.Last = n.Seq
	return *n
}

// ExpectNothingElse fails if a frame is on its way: the answer to a ping comes behind it.
func (s *Socket) ExpectNothingElse() {
	s.t.Helper()
	s.Say(map[string]any{"type": "ping"})
	s.Expect("pong")
}

// ExpectClose gives what came before the server closed the socket, and fails unless it does so with that code.
func (s *Socket) ExpectClose(limit time.Duration, code int) []Frame {
	s.t.Helper()
	var before []Frame
	for {
		frame, err := s.Next(limit)
		if err == nil {
			before = append(before, frame)
			continue
		}
		closed, ok := errors.AsType[wsutil.ClosedError](err)
		if !ok || int(closed.Code) != code {
			s.t.Fatalf("the socket ends with %v, want close code %d", err, code)
		}
		return before
	}
}

// AwaitUnread reads frames until one tells that many unread.
func (s *Socket) AwaitUnread(count int) {
	s.t.Helper()
	for {
		if frame := s.Expect("read"); frame.UnreadCount == count {
			return
		}
	}
}
