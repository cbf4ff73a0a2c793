package gateway_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

const (
	manyAddresses = 10_000
	patience      = 2 * time.Minute // for a machine that does ten other things
)

// knockFrom sends a request for each address over a few kept connections and
// counts the answers by status.
func knockFrom(t *testing.T, w *world, addresses func(i int) string) map[int]int {
	t.Helper()
	const connections = 4
	counts := make(map[int]int)
	var mu sync.Mutex
	var group sync.WaitGroup
	for c := range connections {
		conn := dial(t, w.URL)
		_ = conn.SetDeadline(time.Now().Add(patience))
		group.Go(func() {
			reader := bufio.NewReader(conn)
			for i := c; i < manyAddresses; i += connections {
				_, _ = fmt.Fprintf(conn, "GET /v1/notifications/push-config HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\nX-Real-IP: %s\r\nForwarded: for=\"[%s]\"\r\n\r\n",
					addresses(i), addresses(i), addresses(i))
				resp, err := http.ReadResponse(reader, nil)
				if err != nil {
					t.Errorf("request %d: %v", i, err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				mu.Lock()
				counts[resp.StatusCode]++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return counts
}

func TestTenThousandClaimedAddressesBuyNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trusted   string
		addresses func(i int) string
	}{
		"claimed by somebody whom nobody trusts": {"10.0.0.0/8", func(i int) string { return fmt.Sprintf("203.0.%d.%d", i/250, i%250) }},
		"claimed further left":                   {"127.0.0.0/8", func(i int) string { return fmt.Sprintf("203.0.%d.%d, 198.51.100.7", i/250, i%250) }},
		"of one IPv6 site":                       {"127.0.0.0/8", func(i int) string { return fmt.Sprintf("2001:db8:0:1:%x::%x", i, i) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t, gatewaytest.Options{Short: "7/1h", TrustedProxies: c.trusted})
			counts := knockFrom(t, w, c.addresses)
			if counts[200] != 7 || counts[429] != manyAddresses-7 || w.notify.Hits.Load() != 7 {
				t.Errorf("%v, the service was asked %d times", counts, w.notify.Hits.Load())
			}
		})
	}
}

// crowd opens connections that send the given bytes and then do nothing.
func crowd(t *testing.T, w *world, n int, payload string) {
	t.Helper()
	for range n {
		conn := dial(t, w.URL)
		_ = conn.SetReadBuffer(4 << 10)
		if _, err := io.WriteString(conn, payload); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoSendsOrReadsSlowlyKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	const slow = 500
	notify := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/notifications" {
			ok(w, r)
			return
		}
		long(w)
	})
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, WriteBuffer: narrow})
	crowd(t, w, slow, "GET /v1/sos/emergency-numbers HTTP/1.1\r\nHost: x\r\nX-A")
	crowd(t, w, slow, "POST /v1/sos/public/track HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	for i := range slow {
		if status := readSlowly(t, w); status != "200" {
			t.Fatalf("%s beside %d that read slowly", status, i)
		}
	}
	for range 20 {
		for path, method := range map[string]string{
			"/v1/sos/tickets": http.MethodPost, "/v1/sos/tickets/1": http.MethodGet, "/v1/auth/login": http.MethodPost,
			"/v1/notifications/unread-count": http.MethodGet, // of the service whose answers they read
		} {
			if a := send(t, method, w.URL+path, body(method), "Authorization", w.people.bearer(t, "alice")); a.Status != http.StatusOK {
				t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
			}
		}
	}
}

func TestABombIsNotUnpackedOnItsWay(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{})
	zeros := make([]byte, 1<<20)
	var gzipped, deflated bytes.Buffer
	zip, err := gzip.NewWriterLevel(&gzipped, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	def, err := flate.NewWriter(&deflated, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 { // 8 MiB of zeros in 8 KiB
		_, _ = zip.Write(zeros)
		_, _ = def.Write(zeros)
	}
	_, _ = zip.Close(), def.Close()
	for coding, bomb := range map[string]string{"gzip": gzipped.String(), "deflate": deflated.String()} {
		received := make(chan string, 1)
		sos := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			received <- r.Header.Get("Content-Encoding") + string(b)
		})
		g := start(t, gatewaytest.Options{SOSURLs: []string{sos.URL}})
		if a := send(t, http.MethodPost, g.URL+"/v1/sos/public/track", bomb, "Content-Encoding", coding, "Content-Type", "application/json"); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", coding, a.Status, a.Body)
		}
		if got := <-received; got != coding+bomb { // services answer 415 to any coding
			t.Errorf("%s: the service got %d bytes of %d", coding, len(got), len(bomb))
		}
		// Of a larger one the head alone is sent: whoever writes on into a closed connection may not get to read.
		if a, _ := raw(t, w.URL, request("HTTP/1.1", "Content-Length: 80000\r\nContent-Encoding: "+coding+"\r\n", "x")); a.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s, larger: %d %s", coding, a.Status, a.Body)
		}
	}
	if n := w.sos.Hits.Load(); n != 0 {
		t.Errorf("a service was asked %d times", n)
	}
}

func TestThousandsOfClientsThatLeaveLeaveTheBreakerClosed(t *testing.T) {
	t.Parallel()
	const rounds, each = 50, 40
	var arrived atomic.Int64
	auth := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/v1/auth/login" { // a route that is not held to the room of a slow service
			arrived.Add(1)
			<-r.Context().Done()
			return
		}
		ok(w, r)
	})
	w := &world{Gateway: gatewaytest.Start(t, gatewaytest.Options{AuthURLs: []string{auth.URL}})}
	for round := range int64(rounds) {
		conns := make([]net.Conn, each)
		for i := range conns {
			conns[i] = dial(t, w.URL)
			_, _ = io.WriteString(conns[i], "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
		}
		eventually.True(t, "all are at the service", func() bool { return arrived.Load() >= (round+1)*each })
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
	eventually.True(t, "all have been let go", func() bool { return w.metric(t, "gateway_slots_taken") == 0 })
	if w.metric(t, "gateway_breaker_state") != 0 || w.metric(t, "gateway_ejections_total") != 0 || w.metric(t, "gateway_breaker_refusals_total") != 0 {
		t.Error("a breaker has opened")
	}
	if n := arrived.Load(); n != rounds*each {
		t.Errorf("the service got %d", n)
	}
	if a := send(t, http.MethodPost, w.URL+"/v1/auth/password/forgot", "{}"); a.Status != http.StatusOK {
		t.Errorf("the next one: %d", a.Status)
	}
}
