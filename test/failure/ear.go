package failure

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// silence is above the server's pings (25 s): whoever hears nothing for longer reconnects.
const silence = 40 * time.Second

// ear is a phone's socket over reconnects: it resumes from the last contiguous
// seq that it has shown, acknowledges, and remembers everything that was shown.
type ear struct {
	phone *phone

	mu      sync.Mutex
	last    int64            // highest contiguous seq
	pending map[int64]bool   // shown ahead of a gap
	twice   int              // the same seq or notification sent twice: the app drops it, so nobody sees it
	leaps   int              // the numbering went on elsewhere: a primary was lost
	alarms  map[string]int   // ticket → different notifications of kind sos.triggered
	again   map[string]int   // ticket → escalations: the alarm once more
	heard   map[string]int64 // ticket → unix milliseconds of the first alarm
	shown   map[int64]string // seq → id of the notification
	known   map[string]bool  // ids of those
}

func newEar(p *phone) *ear {
	return &ear{phone: p, pending: map[int64]bool{}, alarms: map[string]int{}, again: map[string]int{}, heard: map[string]int64{}, shown: map[int64]string{}, known: map[string]bool{}}
}

type frame struct {
	Type         string
	Seq          int64
	Notification *struct {
		ID   string
		Data struct{ Kind, TicketID string }
	}
}

// listen keeps a socket open until ctx ends.
func (e *ear) listen(ctx context.Context) {
	for ctx.Err() == nil {
		_ = e.session(ctx) // whatever ended it, the answer is to connect again
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

func (e *ear) session(ctx context.Context) error {
	dialer := ws.Dialer{
		Timeout: patience, NetDial: e.phone.dialer.DialContext,
		Header: ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + e.phone.token()}}),
	}
	conn, early, _, err := dialer.Dial(ctx, "ws"+strings.TrimPrefix(e.phone.url, "http")+"/v1/ws")
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	in := withEarly(early, conn)
	if err := e.say(conn, map[string]any{"type": "resume", "after": e.position()}); err != nil {
		return err
	}
	for {
		text, err := next(conn, in)
		if err != nil {
			return err
		}
		var f frame
		if err := json.Unmarshal(text, &f); err != nil {
			return fmt.Errorf("read a frame: %w", err)
		}
		if f.Type == "resumed" || f.Type == "reset" {
			e.goOnFrom(f)
		}
		if f.Type != "notification" {
			continue
		}
		if err := e.say(conn, map[string]any{"type": "ack", "seq": e.show(f)}); err != nil {
			return err
		}
	}
}

func withEarly(early *bufio.Reader, conn net.Conn) io.Reader {
	if early == nil {
		return conn
	}
	held, _ := early.Peek(early.Buffered()) // what is buffered is there
	return io.MultiReader(strings.NewReader(string(held)), conn)
}

// next reads one text frame and answers pings.
func next(conn net.Conn, in io.Reader) ([]byte, error) {
	control := wsutil.ControlFrameHandler(conn, ws.StateClientSide)
	reader := wsutil.Reader{Source: in, State: ws.StateClientSide, OnIntermediate: control}
	for {
		if err := conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
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

func (e *ear) say(conn net.Conn, message any) error {
	text, err := json.Marshal(message)
	if err != nil {
		return err
	}
	return wsutil.WriteClientText(conn, text)
}

func (e *ear) position() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.last
}

// goOnFrom takes the server's word that there is nothing more up to the seq.
func (e *ear) goOnFrom(f frame) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.Type == "reset" {
		e.leaps++
	}
	if f.Type == "resumed" && f.Seq < e.last {
		return // what came live meanwhile
	}
	e.last = f.Seq
	maps.DeleteFunc(e.pending, func(seq int64, _ bool) bool { return seq <= f.Seq })
	e.close()
}

// close moves on over what was shown ahead of a gap that is closed now.
func (e *ear) close() {
	for e.pending[e.last+1] {
		e.last++
		delete(e.pending, e.last)
	}
}

// show does what an app does with a notification and gives the contiguous position.
func (e *ear) show(f frame) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.Seq <= e.last || e.pending[f.Seq] {
		e.twice++
		return e.last
	}
	e.pending[f.Seq] = true
	e.close()
	if f.Notification == nil {
		return e.last
	}
	e.shown[f.Seq] = f.Notification.ID
	if e.known[f.Notification.ID] { // lost with a primary, and sent once more
		e.twice++
		return e.last
	}
	e.known[f.Notification.ID] = true
	ticket := f.Notification.Data.TicketID
	switch f.Notification.Data.Kind {
	case "sos.escalated":
		e.again[ticket]++
	case "sos.triggered":
		e.alarms[ticket]++
		if e.heard[ticket] == 0 {
			e.heard[ticket] = time.Now().UnixMilli()
		}
	}
	return e.last
}

// gaps is how many notifications lie behind one that never came.
func (e *ear) gaps() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.pending)
}

// different is how many notifications were shown.
func (e *ear) different() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.known)
}

func (e *ear) leapt() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.leaps
}

func (e *ear) summary() Contact {
	e.mu.Lock()
	defer e.mu.Unlock()
	return Contact{Name: e.phone.name, Alarms: len(e.alarms), Again: sum(e.again), Dropped: e.twice}
}

func sum(counts map[string]int) (all int) {
	for _, n := range counts {
		all += n
	}
	return all
}

func (e *ear) againFor(ticket string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.again[ticket]
}

func (e *ear) alarmsFor(ticket string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.alarms[ticket]
}

func (e *ear) heardAt(ticket string) int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard[ticket]
}

func (e *ear) repeats() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.twice
}
