package gateway_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

const hurry = 100 // times

func TestABodyThatComesTooSlowlyIsToldSoAndItsConnectionClosed(t *testing.T) {
	t.Parallel()
	w := start(t, gatewaytest.Options{Hurry: hurry})
	for name, payload := range map[string]string{
		"with a length": request("HTTP/1.1", "Content-Length: 16\r\n", "{"),
		"in chunks":     request("HTTP/1.1", "Transfer-Encoding: chunked\r\n", "10\r\n{"),
		"an alarm":      strings.Replace(request("HTTP/1.1", "Content-Length: 16\r\n", "{"), "/v1/sos/public/track", "/v1/sos/tickets", 1),
		"announced":     request("HTTP/1.1", "Content-Length: 16\r\nExpect: 100-continue\r\n", ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := &kept{conn: dial(t, w.URL)}
			a := conn.ask(t, payload)
			if a.Status == http.StatusContinue {
				a = conn.ask(t, "")
			}
			if a.Status != http.StatusRequestTimeout || a.problem(t).Code != "request_timeout" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if _, err := conn.reader.ReadByte(); !errors.Is(err, io.EOF) {
				t.Errorf("the connection goes on: %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if n := w.sos.Hits.Load(); n != 0 {
			t.Errorf("the service was asked %d times", n)
		}
	})
}

// flood writes for as long as anybody takes it, and then says so.
func flood(to io.Writer, ended chan<- struct{}) {
	piece := []byte("data: " + strings.Repeat("x", 32<<10) + "\n\n")
	for {
		if _, err := to.Write(piece); err != nil {
			ended <- struct{}{}
			return
		}
	}
}

func TestWhoDoesNotReadIsLetGo(t *testing.T) {
	t.Parallel()
	for path, mediaType := range map[string]string{
		"/v1/notifications":         "application/json",
		"/v1/events?ticket=x":       "text/event-stream",
		"/v1/sos/emergency-numbers": "application/json",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			ended := make(chan struct{}, 1)
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", mediaType)
				flood(w, ended)
			})
			w := start(t, gatewaytest.Options{NotificationURLs: []string{s.URL}, SOSURLs: []string{s.URL}, WriteBuffer: narrow, Hurry: hurry})
			conn := dial(t, w.URL)
			_ = conn.SetReadBuffer(4 << 10)
			if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", path, w.people.bearer(t, "alice")); err != nil {
				t.Fatal(err)
			}
			eventually.True(t, "the service is let go", func() bool { return len(ended) == 1 })
			eventually.True(t, "so is the slot", func() bool { return w.metric(t, "gateway_slots_taken") == 0 })
		})
	}
}

func TestASocketWhoseClientDoesNotReadEnds(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, WriteBuffer: narrow, Hurry: hurry})
	connect(t, w, upgrade("/v1/ws"), "")
	ended := make(chan struct{}, 1)
	flood(<-notify.accepted, ended)
	eventually.True(t, "its tunnel is gone", func() bool { return w.metric(t, "gateway_tunnels") == 0 })
}
