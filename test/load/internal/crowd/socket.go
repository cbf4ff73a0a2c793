package crowd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
)

const (
	// openLimit is for the handshake and the greeting.
	openLimit = 10 * time.Second
	// frameLimit is what the server promises to stay below.
	frameLimit = 64 << 10
)

// socket is one person's; one goroutine reads and writes it.
type socket struct {
	crowd  *Crowd
	person people.Person
	conn   net.Conn
	in     io.Reader
	last   int64 // highest seq shown, over all connections
	known  bool  // whether there was a connection before
}

type frame struct {
	Type         string        `json:"type"`
	Seq          int64         `json:"seq"`
	Notification *Notification `json:"notification"`
}

// once connects and reads until the connection ends.
func (s *socket) once(ctx context.Context, greeted func()) (wasGreeted bool, err error) {
	begun := time.Now()
	if err := s.open(ctx); err != nil {
		return false, err
	}
	defer func() { _ = s.conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = s.conn.Close() })
	defer stop()
	if err := s.greet(); err != nil {
		return false, err
	}
	s.crowd.cfg.Board.Add(Opening, begun, time.Now(), "")
	s.crowd.open.Add(1)
	defer s.crowd.open.Add(-1)
	greeted()
	for {
		if err := s.read(); err != nil {
			return true, err
		}
	}
}

func (s *socket) open(ctx context.Context) error {
	dialer := ws.Dialer{
		Header:  ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + s.person.Token}}),
		Timeout: openLimit,
		NetDial: func(ctx context.Context, _, server string) (net.Conn, error) {
			return loopback.Dial(ctx, s.crowd.cfg.Addr(s.person.Phone), server)
		},
	}
	conn, early, _, err := dialer.Dial(ctx, "ws://"+s.crowd.cfg.Server+"/v1/ws")
	if err != nil {
		return err
	}
	s.conn, s.in = conn, io.Reader(conn)
	if early != nil {
		s.in = behind(early, conn)
	}
	return nil
}

// behind reads what came right behind the handshake, then the connection; the
// dialer's buffer goes back, for 20,000 of them would be 80 MB.
func behind(early *bufio.Reader, conn net.Conn) io.Reader {
	held, _ := early.Peek(early.Buffered()) // what is buffered is there
	in := io.MultiReader(bytes.NewReader(bytes.Clone(held)), conn)
	ws.PutReader(early)
	return in
}

// greet waits for the greeting, and asks for what was missed where there was a
// connection before.
func (s *socket) greet() error {
	f, err := s.next(openLimit)
	if err != nil {
		return err
	}
	if f.Type != "connected" {
		return fmt.Errorf("the server greets with %q", f.Type)
	}
	if !s.known {
		s.known, s.last = true, f.Seq
		return nil
	}
	return s.say(`{"type":"resume","after":` + strconv.FormatInt(s.last, 10) + `}`)
}

func (s *socket) read() error {
	f, err := s.next(s.crowd.cfg.Silence)
	if err != nil || f.Type != "notification" || f.Notification == nil {
		return err
	}
	s.crowd.cfg.Shown(s.person, *f.Notification, time.Now())
	s.last = max(s.last, f.Seq)
	return s.say(`{"type":"ack","ids":["` + f.Notification.ID + `"]}`)
}

// next is the next data frame; control frames are answered on the way. No frame
// at all for longer than silence is an error.
func (s *socket) next(silence time.Duration) (frame, error) {
	for {
		if err := s.conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return frame{}, err
		}
		header, err := ws.ReadHeader(s.in)
		if err != nil {
			return frame{}, err
		}
		if header.Length > frameLimit || !header.Fin {
			return frame{}, fmt.Errorf("the server sends a frame of %d bytes, final: %t", header.Length, header.Fin)
		}
		payload := make([]byte, header.Length)
		if _, err := io.ReadFull(s.in, payload); err != nil {
			return frame{}, err
		}
		if !header.OpCode.IsControl() {
			var f frame
			err := json.Unmarshal(payload, &f)
			return f, err
		}
		if err := s.control(header.OpCode, payload); err != nil {
			return frame{}, err
		}
	}
}

func (s *socket) control(op ws.OpCode, payload []byte) error {
	switch op { //nolint:exhaustive // the others are data
	case ws.OpPing:
		return s.write(ws.OpPong, payload)
	case ws.OpClose:
		code, reason := ws.ParseCloseFrameData(payload)
		return wsutil.ClosedError{Code: code, Reason: reason}
	}
	return nil
}

func (s *socket) say(text string) error { return s.write(ws.OpText, []byte(text)) }

// write sends one frame in one piece.
func (s *socket) write(op ws.OpCode, payload []byte) error {
	if err := s.conn.SetWriteDeadline(time.Now().Add(openLimit)); err != nil {
		return err
	}
	text, err := ws.CompileFrame(ws.MaskFrameInPlace(ws.NewFrame(op, true, payload)))
	if err != nil {
		return err
	}
	_, err = s.conn.Write(text)
	return err
}

// openingFault is the class of a socket that never opened.
func openingFault(err error) score.Fault {
	if status, ok := errors.AsType[ws.StatusError](err); ok {
		return score.Fault("status_" + strconv.Itoa(int(status)))
	}
	return score.Fault(endOf(err))
}

// endOf is why a connection ended.
func endOf(err error) string {
	if closed, ok := errors.AsType[wsutil.ClosedError](err); ok {
		return "close_" + strconv.Itoa(int(closed.Code))
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return string(score.TimedOut)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "cut_off"
	default:
		return "connection_broken"
	}
}
