package proxy

import (
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
)

// HandlerVia is Handler over another transport: without a network, time can be the test's.
func (p *Proxy) HandlerVia(route domain.Route, via http.RoundTripper) httpserver.Handler {
	return p.handlerVia(route, via)
}

// OpenTunnel joins two connections as an accepted handshake does.
func (p *Proxy) OpenTunnel(client, service net.Conn) bool {
	i := &Instance{name: "test-1"}
	i.open.Add(1)
	return p.tunnels.open(client, &upstream{instance: i, leave: nothing, conn: service})
}

// Tunnels is how many are open.
func (p *Proxy) Tunnels() int { return p.tunnels.count() }

// CopyOnly makes tunnels carry as over connections that cannot be waited for.
func (p *Proxy) CopyOnly() {
	p.tunnels.poller = nil
	p.tunnels.choose = func(net.Conn) carrier { return copying{p.buffers} }
}

// NoPoller makes tunnels carry by goroutines of their own.
func (p *Proxy) NoPoller() { p.tunnels.poller = nil }

// MarkReady sets what the checks would find.
func (f *Fleet) MarkReady() {
	for _, i := range f.all() {
		i.ready.Store(true)
	}
}

// ComparePaces is what the checker does every few seconds.
func (f *Fleet) ComparePaces() { f.comparePaces(time.Now()) }

// PassCheck is what a check does that finds the instance ready.
func (f *Fleet) PassCheck(addr string) {
	for _, i := range f.all() {
		if i.addr == addr {
			i.gotReady(time.Now())
		}
	}
}

// FailCheck is what a check does that finds it not ready.
func (f *Fleet) FailCheck(addr string) {
	for _, i := range f.all() {
		if i.addr == addr {
			i.ready.Store(false)
		}
	}
}

// LimitStreams is what MaxTunnels sets for streams.
func LimitStreams(p *Proxy, most int) { p.streams.max = most }

// Direct is the way of small exchanges that have an end.
type Direct struct{ direct }

// NewDirect makes one.
func NewDirect() *Direct { return &Direct{direct{newLines()}} }

// RoundTrip sends the request to its host. One that is repeatable may arrive twice.
func (d *Direct) RoundTrip(req *http.Request, until time.Time, repeatable bool) (*http.Response, error) {
	x := &exchange{Context: req.Context(), until: until, repeatable: repeatable}
	return d.carry(req.Context(), req, &attempt{instance: &Instance{addr: req.URL.Host}, exchange: x})
}

// DropSince gives up the connections that have rested since then or longer.
func (d *Direct) DropSince(then time.Time) { d.lines.dropSince(then) }

// Disturbed tells whether an instance has spoken unasked; one byte of that is lost.
func (d *Direct) Disturbed(addr string) bool {
	d.lines.mu.Lock()
	defer d.lines.mu.Unlock()
	return slices.ContainsFunc(d.lines.resting[addr], func(l *line) bool { return !l.silent() })
}
