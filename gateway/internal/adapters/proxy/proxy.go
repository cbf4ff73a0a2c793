package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what a Proxy needs; the logger, metrics and
// MaxTunnels are required.
type Config struct {
	Logger     *slog.Logger
	Metrics    prometheus.Registerer
	MaxTunnels int
	// Seats are how many sockets and streams one client may hold; a client is
	// many where its address is one of SharedAddresses.
	Seats           domain.Seats
	SharedAddresses []netip.Prefix
	// TrustedProxies may say which scheme the client used.
	TrustedProxies []netip.Prefix
}

// Proxy sends requests to the fleets.
type Proxy struct {
	config   Config
	watch    observer
	fleets   map[domain.Service]*Fleet
	ordinary *http.Transport
	lines    *lines
	alarms   *http.Transport // of their own, so that no crowd keeps an alarm waiting for a connection
	checks   *http.Transport
	asking   *http.Client // over checks
	database memo         // what the services last said of their databases
	buffers  *buffers
	tunnels  *tunnels
	streams  *streams
	seats    *seats
}

// New makes a proxy whose fleets are empty until they are Set.
func New(c Config) (*Proxy, error) {
	if c.Logger == nil || c.Metrics == nil || c.MaxTunnels < 1 {
		return nil, errors.New("proxy: a logger, metrics and a number of tunnels are required")
	}
	p := &Proxy{
		config: c, watch: newObserver(c.Logger), fleets: make(map[domain.Service]*Fleet),
		ordinary: newTransport(), lines: newLines(), alarms: newTransport(), checks: newTransport(), buffers: newBuffers(),
	}
	p.asking = &http.Client{Transport: p.checks, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	p.streams = newStreams(c.MaxTunnels)
	p.seats = newSeats(c.Seats, c.SharedAddresses)
	p.tunnels = newTunnels(c.MaxTunnels, p.buffers, p.watch)
	var all []*Fleet
	for _, s := range domain.Upstreams() {
		p.fleets[s] = newFleet(s, p.watch)
		all = append(all, p.fleets[s])
	}
	return p, errors.Join(p.watch.register(c.Metrics), c.Metrics.Register(newFleetCollector(all, p.tunnels.count)))
}

// Fleet is the instances of a service.
func (p *Proxy) Fleet(s domain.Service) *Fleet { return p.fleets[s] }

// Run checks the instances, and looks through the connections to them, until ctx ends.
func (p *Proxy) Run(ctx context.Context) error {
	var group sync.WaitGroup
	for _, f := range p.fleets {
		if f.checked() {
			group.Go(func() { f.check(ctx, p.asking) })
		}
	}
	group.Go(func() { p.lines.sweep(ctx) })
	group.Wait()
	return nil
}

// CloseTunnels takes no more sockets and streams and ends those there are,
// spread over at most the time that ctx gives.
func (p *Proxy) CloseTunnels(ctx context.Context) {
	p.streams.close(ctx)
	p.tunnels.close(ctx)
}

// Close lets go of the connections to the services. The tunnels have ended.
func (p *Proxy) Close() {
	for _, t := range []*http.Transport{p.ordinary, p.alarms, p.checks} {
		t.CloseIdleConnections()
	}
	p.lines.dropSince(time.Now())
}

// Handler passes the requests of a route on. It expects the path to be
// canonical, the query to parse, and the body to be in memory.
func (p *Proxy) Handler(route domain.Route) httpserver.Handler {
	if route.Kind == domain.Socket {
		return p.socketHandler(route)
	}
	switch {
	case route.Kind == domain.Trigger:
		return p.handlerVia(route, p.alarms)
	case route.Kind == domain.Plain && route.Service != domain.Legacy:
		return p.bySize(p.handlerOver(route, &direct{p.lines}), p.handlerVia(route, p.ordinary))
	default:
		return p.handlerVia(route, p.ordinary)
	}
}

// smallBody is how large a body may be, in bytes, that is written before anybody
// looks for the answer: the least that the kernel takes without the service
// reading (tcp_wmem), so that nobody waits for each other.
const smallBody = 16 << 10

func (p *Proxy) bySize(small, large httpserver.Handler) httpserver.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.ContentLength > smallBody {
			return large(w, r)
		}
		return small(w, r)
	}
}

func (p *Proxy) handlerVia(route domain.Route, via http.RoundTripper) httpserver.Handler {
	return p.handlerOver(route, transported{via})
}

func (p *Proxy) handlerOver(route domain.Route, over way) httpserver.Handler {
	c := &courier{route: route, fleet: p.fleets[route.Service], via: over}
	proxy := &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      c,
		ModifyResponse: c.clean,
		ErrorHandler:   c.refuse,
		BufferPool:     p.buffers,
		ErrorLog:       slog.NewLogLogger(p.config.Logger.Handler(), slog.LevelDebug),
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		x, end := over.begin(w, r, route)
		defer end(nil)
		if route.Kind == domain.Events {
			leave, err := p.openStream(x, end)
			if err != nil {
				return err
			}
			defer leave()
			out := flowing{w}
			defer out.giveTime()
			w = out
		}
		r.Header.Del("Upgrade") // ReverseProxy would switch protocols; only the socket's route does
		if route.Secret {
			r.Header.Del("Idempotency-Key") // net/http would send such a POST twice
		}
		proxy.ServeHTTP(w, r.WithContext(x))
		return nil
	}
}
