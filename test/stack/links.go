package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Where PostgreSQL and Redis listen in a stack's block of ports, and how far
// from there its services look for them when they are linked.
const (
	loopback      = "127.0.0.1"
	firstDatabase = 40
	databases     = 3
	firstRedis    = 50
	linkOffset    = 100
)

// Link is the way from all services to a store.
type Link string

// The links of a stack.
const (
	ToPostgres Link = "postgres"
	ToRedis    Link = "redis"
)

// links are relays that can be slow, or dead.
type links map[Link][]*toxiproxy.Proxy

func openLinks(portBase int) (links, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := links{}
	open := func(to Link, offset int) error {
		addr := func(offset int) string { return fmt.Sprintf("%s:%d", loopback, portBase+offset) }
		p := toxiproxy.NewProxy(server, fmt.Sprintf("%s-%d", to, offset), addr(offset+linkOffset), addr(offset))
		if err := p.Start(); err != nil {
			return fmt.Errorf("open a link to %s: %w", to, err)
		}
		l[to] = append(l[to], p)
		return nil
	}
	errs := []error{open(ToRedis, firstRedis)}
	for i := range databases {
		errs = append(errs, open(ToPostgres, firstDatabase+i))
	}
	if err := errors.Join(errs...); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l links) close() {
	for _, proxies := range l {
		for _, p := range proxies {
			p.Stop()
		}
	}
}

// toxic is one of toxiproxy's, for one direction; its name is what it does there.
func toxic(kind, direction, attributes string) *strings.Reader {
	return strings.NewReader(fmt.Sprintf(`{"name":%q,"type":%q,"stream":%q,"attributes":%s}`, direction, kind, direction, attributes))
}

func directions() []string { return []string{"upstream", "downstream"} }

func (s *Stack) spoil(to Link, kind, attributes string) error {
	var errs []error
	for _, p := range s.links[to] {
		for _, direction := range directions() {
			_, err := p.Toxics.AddToxicJson(toxic(kind, direction, attributes))
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Slow delays all that passes the link, each way.
func (s *Stack) Slow(to Link, by time.Duration) error {
	return s.spoil(to, "latency", fmt.Sprintf(`{"latency":%d}`, by.Milliseconds()))
}

// Cut lets nothing through, and tells nobody: a partition.
func (s *Stack) Cut(to Link) error { return s.spoil(to, "timeout", `{"timeout":0}`) }

// Mend undoes Slow and Cut. Connections that were cut end: what they lost is gone.
func (s *Stack) Mend(ctx context.Context, to Link) error {
	var errs []error
	for _, p := range s.links[to] {
		for _, direction := range directions() {
			errs = append(errs, p.Toxics.RemoveToxic(ctx, direction))
		}
	}
	return errors.Join(errs...)
}
