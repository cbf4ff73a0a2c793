package client_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/score"
)

const patience = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// serve starts a server and gives a phone that calls it.
func serve(t *testing.T, handler http.HandlerFunc) *client.Phone {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listen(t)
	server.Start()
	t.Cleanup(server.Close)
	return phone(t, server.Listener.Addr().String(), 64)
}

func phone(t *testing.T, server string, inFlight int) *client.Phone {
	t.Helper()
	c := client.New(server, inFlight)
	t.Cleanup(c.Close)
	return c.Phone(loopback.Addr(1))
}

// scripted answers each connection with the texts in turn, one for each request.
func scripted(t *testing.T, answers ...string) *client.Phone {
	t.Helper()
	l := listen(t)
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				for _, text := range answers {
					if _, err := conn.Read(make([]byte, 4096)); err != nil {
						return
					}
					_, _ = io.WriteString(conn, text)
				}
			})
		}
	})
	return phone(t, l.Addr().String(), 64)
}

func do(t *testing.T, p *client.Phone, r client.Request) (client.Answer, error) {
	t.Helper()
	return p.Do(t.Context(), r, time.Now().Add(patience))
}

func TestARequestArrivesAsItWasMeant(t *testing.T) {
	t.Parallel()
	p := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s|%s|%s|%s|%s|%s", r.Method, r.URL, r.Header.Get("Authorization"), r.Header.Get("X-Device-Token"),
			r.Header.Get("Idempotency-Key"), r.Header.Get("Content-Type"), body)
	})
	answer, err := do(t, p, client.Request{Method: "POST", Path: "/a?b=c", Token: "t", Device: "d", Key: "k", Body: []byte(`{}`), Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := `POST /a?b=c|Bearer t|d|k|application/json|{}`; string(answer.Body) != want || answer.Status != http.StatusOK {
		t.Errorf("the server answers %d %s, want 200 %s", answer.Status, answer.Body, want)
	}
}

func TestEveryFormOfAnswerIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	for name, c := range map[string]struct {
		text   string
		status int
		body   string
	}{
		"with a length":                  {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi"},
		"long":                           {"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + long, 200, long},
		"in chunks":                      {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n me\r\n0\r\n\r\n", 201, "hi me"},
		"in chunks with a trailer":       {"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n", 201, "hi"},
		"without a body":                 {"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		"with an empty body":             {"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", 429, ""},
		"that ends with the connection":  {"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\nhi", 502, "hi"},
		"of another close, with length":  {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", 200, "hi"},
		"with an error in problem+json":  {"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n\r\n{}", 503, "{}"},
		"that is discarded and not kept": {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scripted(t, c.text, c.text)
			if strings.Contains(c.text, "close") {
				p = scripted(t, c.text)
			}
			for range 2 { // the second finds out whether the first was read to its end
				answer, err := do(t, p, client.Request{Method: "GET", Path: "/", Keep: !strings.Contains(name, "discarded")})
				if err != nil || answer.Status != c.status || string(answer.Body) != c.body {
					t.Fatalf("the answer is %d %.40q %v, want %d %.40q", answer.Status, answer.Body, err, c.status, c.body)
				}
			}
		})
	}
}

func TestWhatGoesWrongHasItsClass(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want score.Fault
	}{
		"no HTTP":             {"SSH-2.0-OpenSSH\r\n\r\n", "malformed_answer"},
		"no length":           {"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n", "malformed_answer"},
		"no header":           {"HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n", "malformed_answer"},
		"cut in the body":     {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi", "connection_broken"},
		"cut in the headers":  {"HTTP/1.1 200 OK\r\nContent-Len", "connection_broken"},
		"cut in a chunk":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\nhi", "connection_broken"},
		"closed at once":      {"", "connection_broken"},
		"cut before trailers": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "connection_broken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := do(t, scripted(t, c.text), client.Request{Method: "GET", Path: "/"})
			if got := client.FaultOf(err); got != c.want {
				t.Errorf("the fault is %q (%v), want %q", got, err, c.want)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		_, err := do(t, phone(t, freeport.Addr(t), 1), client.Request{Method: "GET", Path: "/"})
		if got := client.FaultOf(err); got != "no_connection" {
			t.Errorf("the fault is %q (%v), want no_connection", got, err)
		}
	})
}

func TestAnAnswerThatDoesNotComeInTimeIsATimeout(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	p := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	_, err := p.Do(t.Context(), client.Request{Method: "GET", Path: "/"}, time.Now().Add(20*time.Millisecond))
	if client.FaultOf(err) != score.TimedOut {
		t.Errorf("the fault is %q (%v), want a timeout", client.FaultOf(err), err)
	}
}

func TestWaitingForATurnEndsAtTheDeadlineToo(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}), make(chan struct{})
	l := listen(t)
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-release
	})}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); running.Wait() })
	p := phone(t, l.Addr().String(), 1)
	running.Go(func() { _, _ = do(t, p, client.Request{Method: "GET", Path: "/"}) })
	<-entered
	_, err := p.Do(t.Context(), client.Request{Method: "GET", Path: "/"}, time.Now().Add(20*time.Millisecond))
	if client.FaultOf(err) != score.TimedOut {
		t.Errorf("with every slot taken the fault is %q (%v), want a timeout", client.FaultOf(err), err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := p.Do(stopped, client.Request{Method: "GET", Path: "/"}, time.Now().Add(patience)); client.FaultOf(err) != "stopped" {
		t.Errorf("after the driver was stopped the fault is %q (%v), want stopped", client.FaultOf(err), err)
	}
	close(release)
}

func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 3)
	p := serve(t, func(_ http.ResponseWriter, r *http.Request) { seen <- r.RemoteAddr })
	for range 3 {
		if _, err := do(t, p, client.Request{Method: "GET", Path: "/"}); err != nil {
			t.Fatal(err)
		}
	}
	first := <-seen
	if second, third := <-seen, <-seen; first != second || second != third {
		t.Errorf("three requests in turn came from %s, %s and %s, want one connection", first, second, third)
	}
	if !strings.HasPrefix(first, loopback.Addr(1).String()+":") {
		t.Errorf("requests come from %s, want the phone's address %s", first, loopback.Addr(1))
	}
}

func TestOnlyWhatMayBeRepeatedIsSentAgainWhenAKeptConnectionIsGone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		request client.Request
		fault   score.Fault
	}{
		"GET":             {client.Request{Method: "GET", Path: "/"}, ""},
		"POST with a key": {client.Request{Method: "POST", Path: "/", Key: "k"}, ""},
		"POST":            {client.Request{Method: "POST", Path: "/"}, "connection_broken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scripted(t, "HTTP/1.1 204 No Content\r\n\r\n") // then closes without a word
			if _, err := do(t, p, client.Request{Method: "GET", Path: "/"}); err != nil {
				t.Fatal(err)
			}
			_, err := do(t, p, c.request)
			if got := client.FaultOf(err); got != c.fault {
				t.Errorf("the fault is %q (%v), want %q", got, err, c.fault)
			}
		})
	}
}

func TestNoMoreRequestsAreOnTheirWayThanAllowed(t *testing.T) {
	t.Parallel()
	const allowed = 3
	var now, beyond atomic.Int64
	l := listen(t)
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if now.Add(1) > allowed {
			beyond.Add(1)
		}
		now.Add(-1)
	})}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() { _ = server.Close(); running.Wait() })
	p := phone(t, l.Addr().String(), allowed)
	var sending sync.WaitGroup
	for range 50 {
		sending.Go(func() {
			if _, err := do(t, p, client.Request{Method: "GET", Path: "/"}); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	if beyond.Load() > 0 {
		t.Errorf("%d times more than %d requests were on their way at once", beyond.Load(), allowed)
	}
}
