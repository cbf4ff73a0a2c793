package world

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// Patience is how long a test waits for what must come; it is no promise.
const Patience = 15 * time.Second

// Socket is one open WebSocket of a person. It reads only while it is asked to,
// on the test's own goroutine.
type Socket struct {
	Connected Frame // the greeting: who we are and the newest seq
	Last      int64 // the highest seq shown so far

	t    T
	conn net.Conn
	in   io.Reader
}

// Connect opens the socket with the access token and waits for the greeting.
func (p *Person) Connect() *Socket {
	p.t.Helper()
	s := p.dial("/v1/ws", http.Header{"Authorization": {"Bearer " + p.Tokens.AccessToken}})
	s.Connected = s.Expect("connected")
	if s.Connected.UserID != p.ID() {
		p.t.Fatalf("the socket greets user %q, want %q", s.Connected.UserID, p.ID())
	}
	s.Last = s.Connected.Seq
	return s
}

// ConnectWithTicket opens the socket as a browser does: with a single-use ticket in the URL.
func (p *Person) ConnectWithTicket() *Socket {
	p.t.Helper()
	s := p.dial("/v1/ws?ticket="+p.SocketTicket(), nil)
	s.Connected = s.Expect("connected")
	s.Last = s.Connected.Seq
	return s
}

// SocketTicket asks for a single-use ticket.
func (p *Person) SocketTicket() string {
	p.t.Helper()
	var ticket struct {
		Ticket string `json:"ticket"`
	}
	p.Do(Call{Method: http.MethodPost, Path: "/v1/notifications/ws-tickets"}).Want(http.StatusCreated).Into(&ticket)
	return ticket.Ticket
}

// ConnectSilently opens the socket without saying who is there.
func (p *Person) ConnectSilently() *Socket {
	p.t.Helper()
	return p.dial("/v1/ws", nil)
}

func (p *Person) dial(path string, header http.Header) *Socket {
	p.t.Helper()
	s, err := p.tryDial(path, header)
	if err != nil {
		p.t.Fatalf("open the socket: %v", err)
	}
	return s
}

func (p *Person) tryDial(path string, header http.Header) (*Socket, error) {
	dialer := ws.Dialer{Header: ws.HandshakeHeaderHTTP(header), Timeout: Patience}
	conn, early, _, err := dialer.Dial(p.t.Context(), "ws"+strings.TrimPrefix(p.gateway, "http")+path)
	if err != nil {
		return nil, err
	}
	s := &Socket{t: p.t, conn: conn, in: conn}
	if early != nil { // frames that came right behind the handshake
		s.in = earlyThenConn(early, conn)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	return s, nil
}

func earlyThenConn(early *bufio.Reader, conn net.Conn) io.Reader {
	held, _ := early.Peek(early.Buffered()) // what is buffered is there
	return io.MultiReader(strings.NewReader(string(held)), conn)
}

// RefusedStatus is the HTTP status that a handshake with that token is refused with; 101 where it is not.
func (p *Person) RefusedStatus(token string) int {
	p.t.Helper()
	s, err := p.tryDial("/v1/ws", http.Header{"Authorization": {"Bearer " + token}})
	if err == nil {
		_ = s.conn.Close()
		return http.StatusSwitchingProtocols
	}
	if refused, ok := errors.AsType[ws.StatusError](err); ok {
		return int(refused)
	}
	p.t.Fatalf("open the socket: %v", err)
	return 0
}

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
		s.t.Fatalf("seq jumps from %d to %d", s.Last, n.Seq)
	}
	s.Last = n.Seq
	return *n
}

// Resume asks for everything after a seq and gives what comes, up to "resumed".
func (s *Socket) Resume(after int64) []Notification {
	s.t.Helper()
	s.Say(map[string]any{"type": "resume", "after": after})
	var missed []Notification
	for {
		frame, err := s.Next(Patience)
		switch {
		case err != nil:
			s.t.Fatalf("resume after %d: %v", after, err)
		case frame.Type == "notification" && frame.Notification != nil:
			missed = append(missed, *frame.Notification)
		case frame.Type == "resumed":
			s.Last = frame.Seq
			return missed
		default:
			s.t.Fatalf("while resuming the frame is %s", frame.Raw)
		}
	}
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

// Close leaves without a word, as a phone in a tunnel does.
func (s *Socket) Close() { _ = s.conn.Close() }

// Next reads one data frame; pings are answered on the way. A close frame is a wsutil.ClosedError.
func (s *Socket) Next(limit time.Duration) (Frame, error) {
	if err := s.conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return Frame{}, err
	}
	reader := wsutil.Reader{Source: s.in, State: ws.StateClientSide, CheckUTF8: true, OnIntermediate: s.control}
	for {
		header, err := reader.NextFrame()
		if err != nil {
			return Frame{}, err
		}
		if header.OpCode.IsControl() {
			if err := s.control(header, &reader); err != nil {
				return Frame{}, err
			}
			continue
		}
		text, err := io.ReadAll(&reader)
		if err != nil {
			return Frame{}, err
		}
		frame := Frame{Raw: text}
		return frame, json.Unmarshal(text, &frame)
	}
}

// control answers pings and closes. The library's own handler refuses close
// codes that were registered after RFC 6455, such as 1012.
func (s *Socket) control(header ws.Header, payload io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(payload, header.Length))
	if err != nil {
		return err
	}
	switch header.OpCode {
	case ws.OpPing:
		return wsutil.WriteClientMessage(s.conn, ws.OpPong, text)
	case ws.OpClose:
		code, reason := ws.ParseCloseFrameData(text)
		_ = wsutil.WriteClientMessage(s.conn, ws.OpClose, text[:min(len(text), 2)]) // the other side may have gone
		return wsutil.ClosedError{Code: code, Reason: reason}
	}
	return nil
}

// CatchUp resumes after a seq and reads on until the seq upTo, live ones
// included, as an app does that comes back while things happen.
func (s *Socket) CatchUp(after, upTo int64) []Notification {
	s.t.Helper()
	got := s.Resume(after)
	for s.Last < upTo {
		frame := s.Expect("notification")
		if frame.Seq != s.Last+1 {
			s.t.Fatalf("seq jumps from %d to %d", s.Last, frame.Seq)
		}
		got, s.Last = append(got, *frame.Notification), frame.Seq
	}
	return got
}

// AwaitUnread reads frames until one tells that many unread.
func (s *Socket) AwaitUnread(count int) {
	s.t.Helper()
	for {
		frame := s.Expect("read")
		if frame.UnreadCount == count {
			return
		}
	}
}
