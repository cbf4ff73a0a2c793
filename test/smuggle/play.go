package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/loveapp/backend/test/world"
)

// outcome is what came of one case at one server.
type outcome struct {
	status  int // 0: no answer
	silence string
	reached bool     // the service got something
	amiss   []string // what is wrong with it
}

// keeps tells whether the outcome is one of those promised for the gateway.
func (o outcome) keeps(c example) bool {
	return slices.Contains(c.status, o.status) && len(o.amiss) == 0 && (o.status == http.StatusOK || !o.reached)
}

// String is the outcome as a cell of the table.
func (o outcome) String() string {
	cell := o.silence
	if o.status != 0 {
		cell = fmt.Sprint(o.status)
	}
	switch {
	case len(o.amiss) > 0:
		return "**" + cell + ", reached the service: " + strings.Join(o.amiss, "; ") + "**"
	case o.reached:
		return cell + ", clean"
	}
	return cell
}

// play sends one case on a connection of its own.
func play(t world.T, c example, s server, patience time.Duration) outcome {
	t.Helper()
	s.service.forget()
	o := answer(t, c, s.addr, patience)
	for _, m := range s.service.messages() {
		o.reached = true
		o.amiss = append(o.amiss, m.amiss(c)...)
	}
	slices.Sort(o.amiss)
	o.amiss = slices.Compact(o.amiss)
	return o
}

func answer(t world.T, c example, addr string, patience time.Duration) outcome {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, c.payload) // whoever refuses early need not read it all
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, nil)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return outcome{silence: "no answer"}
	case err != nil:
		return outcome{silence: "closed"}
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	if strings.Contains(c.payload, hidden) {
		more(conn, reader)
	}
	return outcome{status: resp.StatusCode}
}

// settle is how long a server may take for what it thinks is one request more.
const settle = 100 * time.Millisecond

// more waits for an answer that nobody asked for, so that its request is written down.
func more(conn net.Conn, reader *bufio.Reader) {
	_ = conn.SetReadDeadline(time.Now().Add(settle))
	if resp, err := http.ReadResponse(reader, nil); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}
