package gateway_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/shared/eventually"
)

// knockFor asks for a socket with the given header lines and tells the status.
func knockFor(t *testing.T, w *world, lines ...string) (conn net.Conn, a answer) {
	t.Helper()
	conn = dial(t, w.URL)
	if _, err := io.WriteString(conn, upgrade("/v1/ws", lines...)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	a = answer{Status: resp.StatusCode, Header: resp.Header}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(resp.Body)
		a.Body = string(body)
	}
	return conn, a
}

func TestAUserAndAnAddressHoldOnlySoManySockets(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, MaxTunnelsPerUser: 2, MaxTunnelsPerAddress: 3, SharedAddresses: "100.64.0.0/10"})
	from := func(addr string) string { return "X-Forwarded-For: " + addr }
	as := func(user string) string { return "Authorization: " + w.people.bearer(t, user) }
	for _, c := range []struct {
		who   string
		lines []string
		want  int
	}{
		{"alice", []string{as("alice"), from("192.0.2.1")}, 101},
		{"alice again", []string{as("alice"), from("192.0.2.1")}, 101},
		{"alice a third time", []string{as("alice"), from("192.0.2.9")}, 429},
		{"bob beside her", []string{as("bob"), from("192.0.2.1")}, 101},
		{"carol beside them", []string{as("carol"), from("192.0.2.1")}, 429},
		{"somebody beside them", []string{from("192.0.2.1")}, 429},
		{"somebody elsewhere", []string{from("192.0.2.2")}, 101},
		{"a site", []string{from("2001:db8:1:1::1")}, 101},
		{"the site's next address", []string{from("2001:db8:1:1::2")}, 101},
		{"the site's last address", []string{from("2001:db8:1:1:ffff::3")}, 101},
		{"one address more", []string{from("2001:db8:1:1::4")}, 429},
		{"a carrier", []string{from("100.64.0.1")}, 101},
		{"a carrier's second", []string{from("100.64.0.1")}, 101},
		{"a carrier's third", []string{from("100.64.0.1")}, 101},
		{"a carrier's fourth", []string{from("100.64.0.1")}, 101},
	} {
		_, a := knockFor(t, w, c.lines...)
		if a.Status != c.want {
			t.Errorf("%s: %d", c.who, a.Status)
		}
		if c.want == http.StatusTooManyRequests && (a.problem(t).Code != "rate_limited" || a.Header.Get("Retry-After") == "") {
			t.Errorf("%s: %v %s", c.who, a.Header, a.Body)
		}
	}
	if n := w.metric(t, "gateway_seat_refusals_total"); n != 4 {
		t.Errorf("%v refusals are counted", n)
	}
	if n := notify.Hits.Load(); n != 11 {
		t.Errorf("the service was asked %d times", n)
	}
}

func TestASeatIsFreeAgainHoweverItsSocketEnded(t *testing.T) {
	t.Parallel()
	notify := acceptSockets(t, "")
	refusing := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	w := start(t, gatewaytest.Options{NotificationURLs: []string{notify.URL}, MaxTunnelsPerAddress: 1})
	for range 5 {
		conn, a := knockFor(t, w)
		if a.Status != http.StatusSwitchingProtocols {
			t.Fatalf("%d", a.Status)
		}
		_ = conn.Close()
		_ = (<-notify.accepted).Close()
		eventually.True(t, "the tunnel has ended", func() bool { return w.metric(t, "gateway_tunnels") == 0 })
	}
	for name, c := range map[string]struct {
		urls []string
		want int
	}{"refused": {[]string{refusing.URL}, 401}, "nobody there": {nil, 503}} {
		g := start(t, gatewaytest.Options{NotificationURLs: c.urls, MaxTunnelsPerAddress: 1})
		if c.urls == nil {
			g.notify.Kill()
		}
		for range 5 {
			if _, a := knockFor(t, g); a.Status != c.want {
				t.Errorf("%s: %d", name, a.Status)
			}
		}
	}
}

func TestStreamsTakeSeatsAsSocketsDo(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	events := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	w := start(t, gatewaytest.Options{NotificationURLs: []string{events.URL}, MaxTunnelsPerAddress: 2})
	listen := func() string {
		conn := dial(t, w.URL)
		_, _ = io.WriteString(conn, "GET /v1/events?ticket=x HTTP/1.1\r\nHost: x\r\n\r\n")
		line, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(line)[1]
	}
	for i, want := range []string{"200", "200", "429"} {
		if got := listen(); got != want {
			t.Errorf("stream %d: %s", i, got)
		}
	}
	close(release)
	eventually.True(t, "a seat is free", func() bool { return listen() == "200" })
}
