package world

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gobwas/ws"
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
	dialer := ws.Dialer{Header: ws.HandshakeHeaderHTTP(header), Timeout: Patience, NetDial: p.source.DialContext}
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

// Close leaves without a word, as a phone in a tunnel does.
func (s *Socket) Close() { _ = s.conn.Close() }
