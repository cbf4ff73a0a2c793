package losses

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

const (
	// silence is above the server's pings (25 s): whoever hears nothing for longer
	// reconnects. A client that is in a hurry asks by itself and notices sooner.
	silence = 3 * time.Second
	asks    = time.Second
)

type notification struct {
	ID, Title, Priority string
	Seq                 int64
}

type frame struct {
	Type         string
	Seq          int64
	Notification notification
}

// session keeps a socket open, resumes and acknowledges, until it breaks or ctx ends.
func (c *client) session(ctx context.Context, url string, instance int) error {
	dialer := ws.Dialer{
		Timeout: patience, NetDial: c.dialer.DialContext,
		Header: ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + c.bearer}}),
	}
	conn, early, _, err := dialer.Dial(ctx, "ws"+strings.TrimPrefix(url, "http")+"/v1/ws")
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	in := io.Reader(conn)
	if early != nil {
		held, _ := early.Peek(early.Buffered()) // what is buffered is there
		in = io.MultiReader(strings.NewReader(string(held)), conn)
	}
	c.begin()
	talk := &talk{conn: conn, in: bufio.NewReader(in)}
	if err := talk.say("resume", "after", c.position()); err != nil {
		return err
	}
	for {
		if err := c.listen(ctx, talk, instance); err != nil {
			return err
		}
	}
}

// talk is one connection, which one goroutine reads and writes.
type talk struct {
	conn  net.Conn
	in    *bufio.Reader
	heard int
}

// await returns when there is something to read. It asks whether anybody is
// there where nothing comes, and gives up where nobody answers.
func (t *talk) await() error {
	for since := time.Now(); time.Since(since) < silence; {
		if err := t.conn.SetReadDeadline(time.Now().Add(asks)); err != nil {
			return err
		}
		_, err := t.in.Peek(1)
		if err == nil {
			return t.conn.SetReadDeadline(time.Now().Add(silence)) // for the rest of the frame
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if err := wsutil.WriteClientText(t.conn, []byte(`{"type":"ping"}`)); err != nil {
			return err
		}
	}
	return os.ErrDeadlineExceeded
}

func (t *talk) say(kind, name string, value int64) error {
	return wsutil.WriteClientText(t.conn, fmt.Appendf(nil, `{"type":%q,%q:%d}`, kind, name, value))
}

func (c *client) listen(ctx context.Context, t *talk, instance int) error {
	text, err := t.next()
	if err != nil {
		return err
	}
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("read a frame: %w", err)
	}
	switch f.Type {
	case "notification":
		c.note(f.Notification, instance)
		const every = 5
		if t.heard++; t.heard%every == 0 {
			return t.say("ack", "seq", c.position())
		}
	case "resumed":
		c.resumed(f.Seq, instance)
		return t.say("ack", "seq", c.position())
	case "reset":
		return c.reset(ctx, f.Seq)
	case "pong":
		return t.say("ack", "seq", c.position())
	}
	return nil
}

// next reads one text frame and answers pings.
func (t *talk) next() ([]byte, error) {
	control := wsutil.ControlFrameHandler(t.conn, ws.StateClientSide)
	reader := wsutil.Reader{Source: t.in, State: ws.StateClientSide, OnIntermediate: control}
	for {
		if err := t.await(); err != nil {
			return nil, err
		}
		header, err := reader.NextFrame()
		if err != nil {
			return nil, err
		}
		if header.OpCode.IsControl() {
			if err := control(header, &reader); err != nil {
				return nil, err
			}
			continue
		}
		return io.ReadAll(&reader)
	}
}
