package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
)

// script plays a service: each connection that it accepts is served by the next
// of the functions, the last one by all that follow.
type script struct {
	addr     string
	accepted atomic.Int32
}

type player struct {
	net.Conn
	reader *bufio.Reader
}

// request reads one, and tells whether there was one.
func (p player) request() bool {
	_, err := http.ReadRequest(p.reader)
	return err == nil
}

func (p player) say(text string) { _, _ = io.WriteString(p, text) }

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// answering gives every request the same answer.
func answering(text string) func(player) {
	return func(p player) {
		for p.request() {
			p.say(text)
		}
	}
}

func play(t *testing.T, connections ...func(player)) *script {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := &script{addr: l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve := connections[min(int(s.accepted.Add(1)), len(connections))-1]
			go func() {
				defer func() { _ = conn.Close() }()
				serve(player{conn, bufio.NewReader(conn)})
			}()
		}
	}()
	return s
}

func ask(ctx context.Context, d *proxy.Direct, s *script, method string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+s.addr+"/", http.NoBody)
	if err != nil {
		return "", err
	}
	resp, err := d.RoundTrip(req, time.Time{}, false)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	return string(body), errors.Join(err, resp.Body.Close())
}

func newDirect(t *testing.T) *proxy.Direct {
	t.Helper()
	d := proxy.NewDirect()
	t.Cleanup(func() { d.DropSince(time.Now()) })
	return d
}

// mustAsk asks and expects the answer.
func mustAsk(t *testing.T, d *proxy.Direct, s *script, want string) {
	t.Helper()
	if body, err := ask(t.Context(), d, s, http.MethodGet); err != nil || body != want {
		t.Fatalf("%q, %v", body, err)
	}
}

func TestOneConnectionServesManyRequests(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"with a length": okAnswer,
		"in chunks":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
		"informed":      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + okAnswer,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := newDirect(t), play(t, answering(text))
			for range 5 {
				mustAsk(t, d, s, "ok")
			}
			if n := s.accepted.Load(); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestAnswersWithoutABodyKeepTheConnection(t *testing.T) {
	t.Parallel()
	d, s := newDirect(t), play(t, answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"))
	for range 3 {
		if body, err := ask(t.Context(), d, s, http.MethodHead); err != nil || body != "" {
			t.Fatalf("%q, %v", body, err)
		}
	}
	if n := s.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// The second connection answers another text, so that the tests see who has spoken.
func TestAConnectionThatCannotBeUsedAgainIsNot(t *testing.T) {
	t.Parallel()
	second := answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
	for name, first := range map[string]func(player){
		"the service closes it after the answer": func(p player) {
			p.request()
			p.say("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
		},
		"the answer ends with the connection": func(p player) {
			p.request()
			p.say("HTTP/1.1 200 OK\r\n\r\nok")
		},
		"the service ends it at rest": func(p player) {
			p.request()
			p.say(okAnswer)
		},
		"the service speaks unasked, at once": func(p player) {
			p.request()
			p.say(okAnswer + okAnswer)
			p.request()
		},
		"the service ends it when it is asked again": func(p player) {
			p.request()
			p.say(okAnswer)
			p.request()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := newDirect(t), play(t, first, second)
			mustAsk(t, d, s, "ok")
			mustAsk(t, d, s, "second")
		})
	}
}

func TestWhatIsSaidUnaskedAtRestIsNobodysAnswer(t *testing.T) {
	t.Parallel()
	answered := make(chan struct{})
	d := newDirect(t)
	s := play(t, func(p player) {
		p.request()
		p.say(okAnswer)
		<-answered
		p.say("HTTP/1.1 408 Request Timeout\r\nContent-Length: 6\r\n\r\npoison")
		p.request()
	}, answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"))
	mustAsk(t, d, s, "ok")
	close(answered)
	eventually.True(t, "what was said unasked has arrived", func() bool { return d.Disturbed(s.addr) })
	mustAsk(t, d, s, "second")
}

func TestAnAnswerThatIsNotReadToItsEndCostsTheConnection(t *testing.T) {
	t.Parallel()
	d, s := newDirect(t), play(t, answering(okAnswer))
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.addr+"/", http.NoBody)
	resp, err := d.RoundTrip(req, time.Time{}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(resp.Body.Close(), resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	mustAsk(t, d, s, "ok")
	if n := s.accepted.Load(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestANewConnectionThatFailsIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(player){
		"no answer":   func(p player) { p.request() },
		"half a head": func(p player) { p.request(); p.say("HTTP/1.1 200 OK\r\nContent-") },
		"half a body": func(p player) { p.request(); p.say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok") },
		"no HTTP":     func(p player) { p.request(); p.say("SSH-2.0-x\r\n\r\n") },
		"a head without an end": func(p player) {
			p.request()
			p.say("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n")
		},
		"another protocol":        func(p player) { p.request(); p.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n") },
		"nothing but information": func(p player) { p.request(); p.say(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 9)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, s := newDirect(t), play(t, serve)
			if body, err := ask(t.Context(), d, s, http.MethodGet); err == nil {
				t.Errorf("%q", body)
			}
			if n := s.accepted.Load(); n != 1 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

func TestTheEndOfTheContextEndsTheExchange(t *testing.T) {
	t.Parallel()
	gave := errors.New("gave up")
	for name, said := range map[string]string{"before the answer": "", "within its head": "HTTP/1.1 200 OK\r\n", "within its body": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			left := make(chan struct{})
			d, s := newDirect(t), play(t, func(p player) {
				p.request()
				p.say(said)
				cancel(gave)
				p.request() // until the connection ends
				close(left)
			})
			if body, err := ask(ctx, d, s, http.MethodGet); !errors.Is(err, gave) {
				t.Errorf("%q, %v", body, err)
			}
			<-left
		})
	}
}

func TestConnectionsThatRestTooLongAreGivenUp(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	d, s := newDirect(t), play(t, func(p player) {
		answering(okAnswer)(p)
		close(left)
	})
	before := time.Now()
	mustAsk(t, d, s, "ok")
	d.DropSince(before)
	mustAsk(t, d, s, "ok") // over the same one, which has not rested for that long
	d.DropSince(time.Now())
	<-left
	if n := s.accepted.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
