// Package discovery turns the configured names of a service into the addresses
// of its instances, again and again: every address of a name is an instance.
package discovery

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/loveapp/backend/shared/config"
)

const (
	defaultEvery  = 3 * time.Second
	lookupTimeout = 2 * time.Second
)

// Lookup gives the addresses of a name.
type Lookup func(ctx context.Context, host string) ([]netip.Addr, error)

// Config is what a Watcher needs; Lookup and Every have defaults.
type Config struct {
	Hosts   []config.HostPort
	Changed func(addrs []string) // is told every new set as sorted host:port
	Logger  *slog.Logger
	Lookup  Lookup        // nil = the system's resolver
	Every   time.Duration // 0 = 3 s
}

// Watcher follows the names of one service.
type Watcher struct {
	config Config
	known  map[config.HostPort][]netip.Addr // the last good answer for each name
	addrs  []string
}

// NewWatcher resolves nothing yet.
func NewWatcher(c Config) (*Watcher, error) {
	if len(c.Hosts) == 0 || c.Changed == nil || c.Logger == nil {
		return nil, errors.New("discovery: hosts, somebody to tell and a logger are required")
	}
	if c.Lookup == nil {
		c.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if c.Every == 0 {
		c.Every = defaultEvery
	}
	return &Watcher{config: c, known: make(map[config.HostPort][]netip.Addr)}, nil
}

// Run resolves now and every few seconds until ctx ends.
func (w *Watcher) Run(ctx context.Context) error {
	ticker := time.NewTicker(w.config.Every)
	defer ticker.Stop()
	for {
		w.Resolve(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Resolve looks every name up once. A name that cannot be resolved keeps its
// last good addresses: a resolver's bad moment takes nobody out of service.
func (w *Watcher) Resolve(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	var addrs []string
	for _, host := range w.config.Hosts {
		for _, addr := range w.resolve(ctx, host) {
			addrs = append(addrs, config.HostPort{Host: addr.String(), Port: host.Port}.Addr())
		}
	}
	slices.Sort(addrs)
	if addrs = slices.Compact(addrs); !slices.Equal(addrs, w.addrs) {
		w.addrs = addrs
		w.config.Changed(slices.Clone(addrs))
	}
}

func (w *Watcher) resolve(ctx context.Context, host config.HostPort) []netip.Addr {
	if addr, err := netip.ParseAddr(host.Host); err == nil {
		return []netip.Addr{addr}
	}
	addrs, err := w.config.Lookup(ctx, host.Host)
	if err != nil || len(addrs) == 0 {
		if ctx.Err() != context.Canceled {
			w.config.Logger.WarnContext(ctx, "name of a service cannot be resolved", "host", host.Host, "error", err, "kept", len(w.known[host]))
		}
		return w.known[host]
	}
	w.known[host] = oneFamily(addrs)
	return w.known[host]
}

// oneFamily: a name with addresses of both families has them for the same
// machines, and each is to be counted once.
func oneFamily(addrs []netip.Addr) []netip.Addr {
	var v4 []netip.Addr
	for i, addr := range addrs {
		addrs[i] = addr.Unmap()
		if addrs[i].Is4() {
			v4 = append(v4, addrs[i])
		}
	}
	if len(v4) > 0 {
		return v4
	}
	return addrs
}
