package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/idgen"
	"github.com/loveapp/backend/shared/redispool/redistest"
	"github.com/loveapp/backend/shared/token"
)

func TestMain(m *testing.M) { redistest.Main(m) }

// service is a stand-in for an instance of a service.
type service struct {
	URL  string
	Hits atomic.Int64 // requests that are no health check

	server *http.Server
	once   sync.Once
}

// serve starts an instance that is ready and answers everything else with the handler.
func serve(tb testing.TB, handler http.HandlerFunc) *service {
	tb.Helper()
	l := freeport.Listen(tb) // nobody takes its place when it is killed
	s := &service{URL: "http://" + l.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("/health/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.Hits.Add(1)
		handler(w, r)
	})
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.server.Serve(l) }()
	tb.Cleanup(func() { s.Kill(); <-ended })
	return s
}

// Kill ends the instance with all its connections.
func (s *service) Kill() { s.once.Do(func() { _ = s.server.Close() }) }

// ok answers with the request as the service got it.
func ok(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(echo{Method: r.Method, URI: r.RequestURI, Host: r.Host, Header: r.Header, Trailer: r.Trailer, Body: string(body)})
}

type echo struct {
	Method, URI, Host, Body string
	Header, Trailer         http.Header
}

// people is a stand-in for auth: it publishes keys and revocations, and makes tokens.
type people struct {
	*service
	signer *token.Signer

	mu      sync.Mutex
	revoked []map[string]any
}

func newPeople(tb testing.TB) *people {
	tb.Helper()
	return newPeopleWith(tb, "a secret of the gateway's tests, long enough")
}

func newPeopleWith(tb testing.TB, secret config.Secret) *people {
	tb.Helper()
	signer, err := token.NewSigner(token.SignerConfig{Secret: secret})
	if err != nil {
		tb.Fatal(err)
	}
	p := &people{signer: signer}
	p.service = serve(tb, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/.well-known/jwks.json":
			_, _ = w.Write(signer.JWKS())
		case "/internal/revocations":
			p.mu.Lock()
			defer p.mu.Unlock()
			items := append([]map[string]any{}, p.revoked...)
			_ = json.NewEncoder(w).Encode(map[string]any{"revision": len(items), "items": items, "complete": true})
		default:
			ok(w, r)
		}
	})
	return p
}

// token gives an access token of the user, good for a minute, its session named after her.
func (p *people) token(tb testing.TB, user string, age time.Duration) string {
	tb.Helper()
	issued := time.Now().Add(-age)
	raw, err := p.signer.Sign(token.Claims{
		Subject: user, SessionID: "session-of-" + user, ID: idgen.NewV7(), Role: token.RoleUser, IssuedAt: issued, ExpiresAt: issued.Add(time.Minute),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func (p *people) bearer(tb testing.TB, user string) string {
	tb.Helper()
	return "Bearer " + p.token(tb, user, time.Second)
}

func (p *people) endSession(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	p.revoked = append(p.revoked, map[string]any{"revision": len(p.revoked) + 1, "sessionId": "session-of-" + user, "userId": "", "before": nil, "at": at})
}

// world is a gateway before one instance of each service.
type world struct {
	*gatewaytest.Gateway
	people *people
	notify *service
	sos    *service
}

func start(tb testing.TB, o gatewaytest.Options) *world {
	tb.Helper()
	w := &world{people: newPeople(tb), notify: serve(tb, ok), sos: serve(tb, ok)}
	o.AuthURLs = append(o.AuthURLs, w.people.URL)
	if o.NotificationURLs == nil {
		o.NotificationURLs = []string{w.notify.URL}
	}
	if o.SOSURLs == nil {
		o.SOSURLs = []string{w.sos.URL}
	}
	w.Gateway = gatewaytest.Start(tb, o)
	return w
}

type answer struct {
	Status int
	Header http.Header
	Body   string
}

// problem is the body of an error.
func (a answer) problem(tb testing.TB) (p struct {
	Code, RequestID string
	Fallback        struct{ Tel, SMSText string }
},
) {
	tb.Helper()
	if a.Header.Get("Content-Type") != "application/problem+json" {
		tb.Errorf("%d %s is no problem document", a.Status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		tb.Error(err)
	}
	return p
}

// echoed is the request as the service got it.
func (a answer) echoed(tb testing.TB) (e echo) {
	tb.Helper()
	if err := json.Unmarshal([]byte(a.Body), &e); err != nil {
		tb.Fatalf("%d %q: %v", a.Status, a.Body, err)
	}
	return e
}

// send makes one request; headers come in pairs.
func send(tb testing.TB, method, url, body string, headers ...string) answer {
	tb.Helper()
	a, err := try(tb.Context(), method, url, body, headers...)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, url, err)
	}
	return a
}

func try(ctx context.Context, method, url, body string, headers ...string) (answer, error) {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 20 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(got)}, err
}

// raw writes bytes to the gateway and reads the first answer; closed tells
// whether the gateway then closed the connection.
func raw(tb testing.TB, url, payload string) (a answer, closed bool) {
	tb.Helper()
	conn := dial(tb, url)
	if _, err := io.WriteString(conn, payload); err != nil {
		tb.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	method, _, _ := strings.Cut(payload, " ")
	resp, err := http.ReadResponse(reader, &http.Request{Method: method})
	if err != nil {
		tb.Fatalf("%q: %v", payload, err)
	}
	body, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body)}, resp.Close
}

// kept is one connection for several requests.
type kept struct {
	conn   net.Conn
	reader *bufio.Reader
}

func (k *kept) ask(tb testing.TB, payload string) answer {
	tb.Helper()
	if k.reader == nil {
		k.reader = bufio.NewReader(k.conn)
	}
	if _, err := io.WriteString(k.conn, payload); err != nil {
		tb.Fatal(err)
	}
	resp, err := http.ReadResponse(k.reader, nil)
	if err != nil {
		tb.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func dial(tb testing.TB, url string) *net.TCPConn {
	tb.Helper()
	conn, err := (&net.Dialer{}).DialContext(tb.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(15 * time.Second))
	return conn.(*net.TCPConn)
}

// metric is the sum of a metric over all its labels.
func (w *world) metric(tb testing.TB, name string) (sum float64) {
	tb.Helper()
	rec := &memoryWriter{header: http.Header{}}
	w.Metrics.Handler().ServeHTTP(rec, mustRequest(tb, "/metrics"))
	for line := range strings.Lines(rec.body.String()) {
		var value float64
		if strings.HasPrefix(line, name+"{") || strings.HasPrefix(line, name+" ") {
			if _, err := fmt.Sscanf(line[strings.LastIndex(line, " ")+1:], "%g", &value); err != nil {
				tb.Fatalf("%q: %v", line, err)
			}
			sum += value
		}
	}
	return sum
}

type memoryWriter struct {
	header http.Header
	body   strings.Builder
}

func (m *memoryWriter) Header() http.Header         { return m.header }
func (m *memoryWriter) Write(b []byte) (int, error) { return m.body.Write(b) }
func (m *memoryWriter) WriteHeader(int)             {}

func mustRequest(tb testing.TB, path string) *http.Request {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, path, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	return req
}
