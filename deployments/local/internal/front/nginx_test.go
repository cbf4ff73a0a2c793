package front_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/front"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/freeport"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sharedAddress is on the list that counts 50 times.
const sharedAddress = "127.9.9.9"

// gateway stands in for one behind nginx: what matters here is what reaches it.
type gateway struct {
	server  *http.Server
	served  atomic.Int64 // requests but health checks
	handler atomic.Pointer[http.HandlerFunc]
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health/ready" {
		return
	}
	g.served.Add(1)
	if h := g.handler.Load(); h != nil {
		(*h)(w, r)
	}
}

func (g *gateway) does(h http.HandlerFunc) { g.handler.Store(&h) }

// door is a real nginx with the repository's nginx.conf before stand-in gateways.
type door struct {
	plan     *topology.Plan
	gateways []*gateway
}

func open(t *testing.T) *door {
	t.Helper()
	root, dir := t.TempDir(), t.TempDir()
	repository := filepath.Join("..", "..", "..", "..")
	conf, err := os.ReadFile(filepath.Join(repository, "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(root, "deployments", "nginx"), os.DirFS(filepath.Join(repository, "deployments", "nginx"))); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{filepath.Join(dir, "logs"), filepath.Join(dir, "run", "nginx")} {
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(root, "nginx.conf"), string(conf))
	write(t, filepath.Join(root, "deployments", "nginx", "shared-addresses.conf"), sharedAddress+"/32 1;\n")
	plan, err := topology.New(dir, root, freeport.Block(t), 0, false)
	if err != nil {
		t.Fatal(err)
	}
	d := &door{plan: plan}
	for _, addr := range plan.Of("gateway") {
		d.gateways = append(d.gateways, serve(t, addr.Addr()))
	}
	if err := front.PrepareNginx(plan); err != nil {
		t.Fatal(err)
	}
	u, err := front.Nginx(plan, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := u.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = u.Stop(context.Background()) })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := u.AwaitHealthy(ctx); err != nil {
		t.Fatal(err)
	}
	return d
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func serve(t *testing.T, addr string) *gateway {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{}
	g.server = &http.Server{Handler: g, ReadHeaderTimeout: 5 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = g.server.Serve(l) })
	t.Cleanup(func() {
		_ = g.server.Close()
		serving.Wait()
	})
	return g
}

func (d *door) served() (sum int64) {
	for _, g := range d.gateways {
		sum += g.served.Load()
	}
	return sum
}

func (d *door) all(h http.HandlerFunc) {
	for _, g := range d.gateways {
		g.does(h)
	}
}

// from is a client with an address of its own on loopback.
func from(t *testing.T, address string) *http.Client {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (d *door) send(t *testing.T, c *http.Client, method, path, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.plan.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return answer{}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// flood sends n at once over a few connections and counts the answers by status.
func (d *door) flood(t *testing.T, address, method, path string, n int) map[int]int {
	t.Helper()
	const connections = 10 // below the 20 that one address may have
	client := from(t, address)
	var mu sync.Mutex
	counts := map[int]int{}
	var senders sync.WaitGroup
	todo := make(chan struct{}, n)
	for range n {
		todo <- struct{}{}
	}
	close(todo)
	for range connections {
		senders.Go(func() {
			for range todo {
				a := d.send(t, client, method, path, "")
				mu.Lock()
				counts[a.status]++
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	return counts
}

func TestEveryAddressHasItsLimits(t *testing.T) {
	t.Parallel()
	d := open(t)
	cases := map[string]struct {
		address, method, path string
		sent, atLeast, atMost int // atMost leaves room for what refills while the flood lasts
	}{
		"50 a second and 100 at once in general": {"127.1.0.1", http.MethodGet, "/v1/notifications", 400, 101, 250},
		"10 and 20 for signing in":               {"127.1.0.2", http.MethodPost, "/v1/auth/login", 200, 21, 60},
		"5 and 10 for SOS in general":            {"127.1.0.3", http.MethodGet, "/v1/sos/contacts", 200, 11, 40},
		"5 and 10 for the list of tickets":       {"127.1.0.4", http.MethodGet, "/v1/sos/tickets", 200, 11, 40},
		"fixes count as general traffic":         {"127.1.0.5", http.MethodPost, "/v1/sos/tickets/7/locations", 90, 90, 90},
		"a call for help has none":               {"127.1.0.6", http.MethodPost, "/v1/sos/tickets", 500, 500, 500},
		"nor has a guest's":                      {"127.1.0.7", http.MethodPost, "/v1/sos/guest/tickets", 500, 500, 500},
		"an address of many people has 50 times": {sharedAddress, http.MethodPost, "/v1/auth/login", 500, 500, 500},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			counts := d.flood(t, c.address, c.method, c.path, c.sent)
			if passed := counts[http.StatusOK]; passed < c.atLeast || passed > c.atMost || passed+counts[http.StatusTooManyRequests] != c.sent {
				t.Fatalf("%v of %d, want %d to %d passed and 429 for the rest", counts, c.sent, c.atLeast, c.atMost)
			}
		})
	}
}

func TestAnAddressMayHave20RequestsAtOnceAndManyMoreSockets(t *testing.T) {
	t.Parallel()
	d := open(t)
	release := make(chan struct{})
	d.all(func(http.ResponseWriter, *http.Request) { <-release })
	const together = 30
	atOnce := func(address, path string) map[int]int {
		statuses := make(chan int, together)
		client := from(t, address)
		before := d.served()
		for range together {
			go func() { statuses <- d.send(t, client, http.MethodGet, path, "").status }()
		}
		counts := map[int]int{}
		for d.served()-before+int64(counts[http.StatusTooManyRequests]) < together {
			select {
			case status := <-statuses:
				counts[status]++
			case <-time.After(time.Millisecond):
			}
		}
		for range together - counts[http.StatusTooManyRequests] {
			release <- struct{}{}
			counts[<-statuses]++
		}
		return counts
	}
	if counts := atOnce("127.2.0.1", "/v1/notifications"); counts[http.StatusOK] != 20 {
		t.Errorf("requests: %v, want 20 at once", counts)
	}
	if counts := atOnce("127.2.0.2", "/v1/events"); counts[http.StatusOK] != together {
		t.Errorf("streams: %v, want all %d", counts, together)
	}
}

func TestNginxSpeaksProblemsInItsOwnWords(t *testing.T) {
	t.Parallel()
	d := open(t)
	client := from(t, "127.3.0.1")
	for _, g := range d.gateways {
		_ = g.server.Close()
	}
	cases := map[string]struct {
		path, body string
		header     []string
		status     int
		code       string
		fallback   bool
	}{
		"no gateway":             {"/v1/notifications", "", nil, http.StatusBadGateway, "bad_gateway", false},
		"no gateway for an SOS":  {"/v1/sos/tickets", "{}", nil, http.StatusBadGateway, "bad_gateway", true},
		"no gateway for a guest": {"/v1/sos/guest/tickets", "{}", nil, http.StatusBadGateway, "bad_gateway", true},
		"a body without end":     {"/v1/auth/login", strings.Repeat("x", 200<<10), nil, http.StatusRequestEntityTooLarge, "payload_too_large", false},
		"headers without end":    {"/", "", []string{"X-Long", strings.Repeat("x", 20<<10)}, http.StatusRequestHeaderFieldsTooLarge, "headers_too_large", false},
		"an address without end": {"/" + strings.Repeat("x", 20<<10), "", nil, http.StatusRequestURITooLong, "uri_too_long", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := d.send(t, client, http.MethodPost, c.path, c.body, append(c.header, "X-Request-Id", "my-id")...)
			var doc struct {
				Type, Title, Detail, Code, RequestID string
				Status                               int
				Fallback                             *struct{ Tel, SMSText string }
			}
			if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
				t.Fatalf("%d %s: %v", a.status, a.body, err)
			}
			if a.status != c.status || doc.Status != c.status || doc.Code != c.code || doc.Detail == "" || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %v %s", a.status, a.header, a.body)
			}
			if doc.RequestID == "" || a.header.Get("X-Request-Id") != doc.RequestID || a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v, document %s", a.header, a.body)
			}
			if c.fallback != (doc.Fallback != nil) || c.fallback && doc.Fallback.Tel != "112" {
				t.Errorf("fallback in %s", a.body)
			}
			if again := a.header.Get("Retry-After"); (c.status == http.StatusBadGateway) != (again != "") {
				t.Errorf("Retry-After is %q", again)
			}
		})
	}
}

func TestTheGatewayHearsWhoTheClientReallyIs(t *testing.T) {
	t.Parallel()
	d := open(t)
	got := make(chan http.Header, 1)
	d.all(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header })
	a := d.send(t, from(t, "127.4.0.1"), http.MethodGet, "/v1/x?ticket=hush", "",
		"X-Forwarded-For", "203.0.113.1", "X-Real-IP", "203.0.113.2", "Forwarded", "for=203.0.113.3", "X-Forwarded-Host", "evil", "X-Request-Id", "bad id",
		"Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	h := <-got
	if a.status != http.StatusOK || h.Get("X-Forwarded-For") != "127.4.0.1" || h.Get("X-Real-Ip") != "" || h.Get("Forwarded") != "" || h.Get("X-Forwarded-Host") != "" {
		t.Fatalf("%d %v", a.status, h)
	}
	if id := h.Get("X-Request-Id"); len(id) != 32 {
		t.Fatalf("a hostile request id became %q", id)
	}
	if h.Get("Traceparent") != "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" {
		t.Fatalf("the trace became %q", h.Get("Traceparent"))
	}
	deadline := time.Now().Add(time.Minute)
	var log []byte
	for !strings.Contains(string(log), "/v1/x") && time.Now().Before(deadline) {
		log, _ = os.ReadFile(d.plan.Log("nginx-access"))
		<-time.After(20 * time.Millisecond) // nginx writes its log once a second
	}
	if !strings.Contains(string(log), `"request_id":"`+h.Get("X-Request-Id")+`","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"`) {
		t.Errorf("the log does not say which request and trace it was: %s", log)
	}
	if !strings.Contains(string(log), `"path":"/v1/x"`) || strings.Contains(string(log), "hush") {
		t.Fatalf("the log says %s", log)
	}
}

func TestTheLeastBusyGatewayIsChosenAndADeadOneIsPassedOver(t *testing.T) {
	t.Parallel()
	d := open(t)
	client := from(t, "127.5.0.1")
	// Three slow requests in each: one that nginx has not yet counted out of the
	// free gateway makes it no busier than the others.
	const slow = 12
	busy, free := make(chan struct{}), make(chan struct{})
	for i, g := range d.gateways {
		done := busy
		if i == len(d.gateways)-1 {
			done = free
		}
		g.does(func(http.ResponseWriter, *http.Request) { <-done })
	}
	var waiting sync.WaitGroup
	var answered atomic.Int64
	for range slow {
		waiting.Go(func() {
			d.send(t, from(t, "127.5.0.2"), http.MethodGet, "/v1/slow", "")
			answered.Add(1)
		})
	}
	for d.served() < slow {
		<-time.After(time.Millisecond)
	}
	before := d.gateways[3].served.Load()
	if before != slow/4 {
		t.Errorf("one of four got %d of %d", before, slow)
	}
	close(free)
	for answered.Load() < before {
		<-time.After(time.Millisecond)
	}
	for range 12 {
		d.send(t, client, http.MethodGet, "/v1/quick", "")
	}
	if got := d.gateways[3].served.Load() - before; got != 12 {
		t.Errorf("the free gateway got %d of 12", got)
	}
	close(busy)
	waiting.Wait()

	_ = d.gateways[3].server.Close()
	// What nginx sends on a connection that ends in the same moment is sent again, if it may be.
	d.send(t, client, http.MethodGet, "/v1/quick", "")
	for i := range 40 {
		if a := d.send(t, client, http.MethodPost, "/v1/notifications", "{}"); a.status != http.StatusOK {
			t.Fatalf("request %d after a gateway died: %d %s", i, a.status, a.body)
		}
	}
}

func TestAPostThatAGatewayHasReadIsNotSentAgainUnlessItCallsForHelp(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.all(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		panic(http.ErrAbortHandler)
	})
	client := from(t, "127.6.0.1")
	if a := d.send(t, client, http.MethodPost, "/v1/notifications", "{}"); a.status != http.StatusBadGateway || d.served() != 1 {
		t.Errorf("%d, delivered %d times", a.status, d.served())
	}
	before := d.served()
	if a := d.send(t, client, http.MethodPost, "/v1/sos/tickets", "{}"); a.status != http.StatusBadGateway || d.served()-before < 2 {
		t.Errorf("a call for help: %d, tried %d gateways", a.status, d.served()-before)
	}
}

func TestAWebSocketPassesBothWays(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.all(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Connection") != "upgrade" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.Copy(conn, buf)
	})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(d.plan.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprint(conn, "GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", res, err)
	}
	_, _ = io.WriteString(conn, "there and back\n")
	if line, err := r.ReadString('\n'); line != "there and back\n" {
		t.Fatalf("%q %v", line, err)
	}
}
