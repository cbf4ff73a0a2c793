package gateway_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

const socketKey = "dGhlIHNhbXBsZSBub25jZQ=="

// upgrade is a handshake on the wire; lines replace or add to its headers.
func upgrade(path string, lines ...string) string {
	head := map[string]string{"Host": "app.example", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": socketKey}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		head[name] = value
	}
	text := "GET " + path + " HTTP/1.1\r\n"
	for name, value := range head {
		if value != "" {
			text += name + ": " + value + "\r\n"
		}
	}
	return text + "\r\n"
}

// sockets is a notification service that accepts every handshake and leaves the rest to the test.
type sockets struct {
	*service
	accepted chan accepted
}

type accepted struct {
	net.Conn
	reader  *bufio.Reader
	request echo
}

// acceptSockets answers 101 and, in the same packet, early.
func acceptSockets(t *testing.T, early string) *sockets {
	t.Helper()
	s := &sockets{accepted: make(chan accepted, 100)}
	s.service = serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nServer: inner\r\nSec-WebSocket-Accept: %s\r\n\r\n%s",
			base64.StdEncoding.EncodeToString(sum[:]), early)
		_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
		s.accepted <- accepted{conn, buffered.Reader, echo{URI: r.RequestURI, Host: r.Host, Header: r.Header}}
	})
	return s
}

func (a accepted) hear(t *testing.T, n int) string {
	t.Helper()
	got := make([]byte, n)
	if _, err := io.ReadFull(a.reader, got); err != nil {
		t.Errorf("heard %q, %v", got, err)
	}
	return string(got)
}

// connect opens a socket through the gateway, with bytes sent right behind the handshake.
func connect(t *testing.T, w *world, handshake, early string) (conn *net.TCPConn, reader *bufio.Reader, head http.Header) {
	t.Helper()
	conn = dial(t, w.URL)
	if _, err := io.WriteString(conn, handshake+early); err != nil {
		t.Fatal(err)
	}
	reader = bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", resp, err)
	}
	return conn, reader, resp.Header
}

func TestASocketCarriesWhatEitherSideSentBeforeItWasOpen(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "hello from the service")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}})
	conn, reader, head := connect(t, w, upgrade("/v1/ws?ticket=abc"), "hello from the client")
	inner := <-notify.accepted
	if got := inner.hear(t, len("hello from the client")); got != "hello from the client" {
		t.Errorf("the service heard %q", got)
	}
	got := make([]byte, len("hello from the service"))
	if _, err := io.ReadFull(reader, got); err != nil || string(got) != "hello from the service" {
		t.Errorf("the client heard %q, %v", got, err)
	}
	if inner.request.URI != "/v1/ws?ticket=abc" || head.Get("Server") != "" || head.Get("X-Request-Id") == "" {
		t.Errorf("%+v, %v", inner.request, head)
	}
	_, _ = io.WriteString(conn, "more")
	if got := inner.hear(t, 4); got != "more" {
		t.Errorf("the service heard %q", got)
	}
}

func TestASocketsHandshakeIsCleanedLikeAnyRequest(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}})
	connect(t, w, upgrade("/v1/ws", "X-User-Id: mallory", "X_Internal: mallory", "Forwarded: for=mallory", "Connection: Upgrade, X-Hop", "X-Hop: mallory",
		"Authorization: Bearer x", "Sec-WebSocket-Protocol: chat", "X-Forwarded-For: 203.0.113.5"), "")
	got := (<-notify.accepted).request.Header
	for name, values := range got {
		if strings.Contains(fmt.Sprint(values), "mallory") {
			t.Errorf("%s arrived: %q", name, values)
		}
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer x", "Sec-Websocket-Protocol": "chat", "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Host": "app.example",
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Key": socketKey,
	} {
		if got.Get(name) != want {
			t.Errorf("%s arrived as %q", name, got.Get(name))
		}
	}
}

func TestASideThatHasFinishedStillHearsTheOtherThroughTheGateway(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}})
	conn, reader, _ := connect(t, w, upgrade("/v1/ws"), "")
	inner := <-notify.accepted
	_ = conn.CloseWrite()
	if _, err := inner.reader.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the service heard %v", err)
	}
	_, _ = io.WriteString(inner, "farewell")
	_ = inner.Close()
	if got, err := io.ReadAll(reader); string(got) != "farewell" || err != nil {
		t.Errorf("the client heard %q, %v", got, err)
	}
	eventually.True(t, "the tunnel has ended", func() bool { return w.metric(t, "gateway_tunnels") == 0 })
}

func TestARealClientTalksThroughTheGateway(t *testing.T) {
	t.Parallel()
	notify := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, _, err := ws.UpgradeHTTP(r, w)
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = wsutil.WriteServerText(conn, []byte("welcome"))
		if text, err := wsutil.ReadClientText(conn); err == nil {
			_ = wsutil.WriteServerText(conn, text)
		}
	})
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}})
	conn, buffered, _, err := ws.Dial(t.Context(), "ws"+strings.TrimPrefix(w.URL, "http")+"/v1/ws")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	from := io.Reader(conn)
	if buffered != nil {
		from = buffered
	}
	for _, want := range []string{"welcome", "echo"} {
		if got, err := wsutil.ReadServerText(struct {
			io.Reader
			io.Writer
		}{from, conn}); string(got) != want || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		_ = wsutil.WriteClientText(conn, []byte("echo"))
	}
}

func TestOnlyAWebSocketHandshakeOpensASocket(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, CORSOrigins: "https://app.example.org"})
	for name, c := range map[string]struct {
		payload string
		status  int
	}{
		"no upgrade":         {upgrade("/v1/ws", "Connection: ", "Upgrade: "), 400},
		"another protocol":   {upgrade("/v1/ws", "Upgrade: h2c"), 400},
		"two protocols":      {upgrade("/v1/ws", "Upgrade: websocket, h2c"), 400},
		"upgrade unsaid":     {upgrade("/v1/ws", "Connection: keep-alive"), 400},
		"another version":    {upgrade("/v1/ws", "Sec-WebSocket-Version: 8"), 400},
		"no key":             {upgrade("/v1/ws", "Sec-WebSocket-Key: "), 400},
		"a short key":        {upgrade("/v1/ws", "Sec-WebSocket-Key: YWJj"), 400},
		"HTTP/1.0":           {strings.Replace(upgrade("/v1/ws"), "HTTP/1.1", "HTTP/1.0", 1), 400},
		"a large handshake":  {upgrade("/v1/ws", "X-A: "+strings.Repeat("a", 9<<10)), 431},
		"another page":       {upgrade("/v1/ws", "Origin: https://evil.example"), 403},
		"a page's neighbour": {upgrade("/v1/ws", "Origin: https://app.example.org.evil.example"), 403},
		"no page":            {upgrade("/v1/ws", "Origin: null"), 403},
		"another route":      {upgrade("/v1/sos/emergency-numbers"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if a, _ := raw(t, w.URL, c.payload); a.Status != c.status || (c.status == 400 && a.Header.Get("Sec-Websocket-Version") != "13") {
				t.Errorf("%d %v %s", a.Status, a.Header, a.Body)
			}
		})
	}
	for name, origin := range map[string]string{"a listed page": "https://app.example.org", "a page of this host": "http://app.example"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connect(t, w, upgrade("/v1/ws", "Origin: "+origin), "")
		})
	}
}

func TestWhatTheServiceAnswersInsteadReachesTheClientAndLeaksNothing(t *testing.T) { //nolint:paralleltest // it counts descriptors and goroutines of the whole process
	notify := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"code":"unauthenticated"}`)
	})
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}})
	eventually.True(t, "all are ready", func() bool { return w.metric(t, "gateway_instance_ready") == 3 })
	files, goroutines := descriptors(t), runtime.NumGoroutine()
	handshake := upgrade("/v1/ws", "Connection: Upgrade, close")
	for range 1000 {
		conn := dial(t, w.URL)
		if a := (&kept{conn: conn}).ask(t, handshake); a.Status != http.StatusUnauthorized || a.problem(t).Code != "unauthenticated" || a.Header.Get("Www-Authenticate") != "Bearer" {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		_ = conn.Close()
	}
	const margin = 20 // a health check may be under way
	eventually.True(t, "all descriptors are given back", func() bool { return descriptors(t) <= files+margin })
	eventually.True(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines+margin })
	eventually.True(t, "nothing is open to the service", func() bool { return w.metric(t, "gateway_tunnels") == 0 && w.metric(t, "gateway_instance_open") == 0 })
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestAServiceThatAcceptsWronglyOrHangsUpIsABadGateway(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a wrong accept":   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
		"another protocol": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
		"nothing":          "",
		"an endless head":  "HTTP/1.1 101 Switching Protocols\r\nX: " + strings.Repeat("x", 20<<10),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := gatewaytest.Start(t, gatewaytest.Options{NotificationURLs: []string{scripted(t, func(c net.Conn) { _, _ = io.WriteString(c, answer) })}})
			if a, _ := raw(t, g.URL, upgrade("/v1/ws")); a.Status != http.StatusBadGateway || a.problem(t).Code != "bad_gateway" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	g := gatewaytest.Start(t, gatewaytest.Options{})
	if a, _ := raw(t, g.URL, upgrade("/v1/ws")); a.Status != http.StatusServiceUnavailable {
		t.Errorf("nobody there: %d", a.Status)
	}
}

func TestSocketsCountInTheBalanceAndAvoidTheDead(t *testing.T) {
	t.Parallel()
	one, two := acceptSockets(t, ""), acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{one.URL, two.URL, "http://127.0.0.1:1"}})
	eventually.True(t, "both are ready", func() bool { return w.metric(t, "gateway_instance_ready") == 4 })
	for range 10 {
		connect(t, w, upgrade("/v1/ws"), "")
	}
	eventually.True(t, "all are accepted", func() bool { return len(one.accepted)+len(two.accepted) == 10 })
	if a, b := len(one.accepted), len(two.accepted); a != 5 || b != 5 {
		t.Errorf("%d and %d sockets", a, b)
	}
	// The client has its answer before the handler has returned.
	eventually.True(t, "the metrics say so", func() bool { return w.metric(t, "gateway_tunnels") == 10 && w.metric(t, "gateway_slots_taken") == 0 })
}

func TestAFullGatewayTakesNoMoreSockets(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, MaxTunnels: 2})
	first, _, _ := connect(t, w, upgrade("/v1/ws"), "")
	connect(t, w, upgrade("/v1/ws"), "")
	if a, _ := raw(t, w.URL, upgrade("/v1/ws")); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" {
		t.Errorf("the third: %d", a.Status)
	}
	_ = first.Close()
	for range 2 { // either may have come first
		_ = (<-notify.accepted).Close()
	}
	eventually.True(t, "there is room", func() bool { return w.metric(t, "gateway_tunnels") < 2 })
	connect(t, w, upgrade("/v1/ws"), "")
}

func TestDrainingLetsRequestsFinishAndClosesSockets(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var held atomic.Int64
	sos := serve(t, func(w http.ResponseWriter, r *http.Request) { held.Add(1); <-release; ok(w, r) })
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}, NotificationURLs: []string{notify.URL}})
	conn, reader, _ := connect(t, w, upgrade("/v1/ws"), "")
	answered := make(chan answer, 1)
	go func() {
		a, err := try(context.WithoutCancel(t.Context()), http.MethodGet, w.URL+"/v1/sos/tickets/1", "")
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	eventually.True(t, "the request is held", func() bool { return held.Load() == 1 })
	stopped := make(chan struct{})
	go func() { defer close(stopped); w.Stop() }()
	told := make([]byte, 4)
	if _, err := io.ReadFull(reader, told); err != nil || string(told) != string(ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(1012, "")))) {
		t.Errorf("the client is told %x, %v", told, err)
	}
	if _, err := reader.ReadByte(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the socket goes on: %v", err)
	}
	_ = conn.Close()
	close(release)
	if a := <-answered; a.Status != http.StatusOK {
		t.Errorf("%d", a.Status)
	}
	<-stopped
	if _, err := try(t.Context(), http.MethodGet, w.URL+"/health/live", ""); err == nil {
		t.Error("it still answers")
	}
}
