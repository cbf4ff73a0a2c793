package proxy

import (
	"context"
	"net"
	"slices"
	"sync"
	"time"
)

// sweepEvery is how often connections are looked through for those that have rested too long.
const sweepEvery = 5 * time.Second

// lines keeps the connections that rest between two exchanges, for each address
// those used last on top.
type lines struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu      sync.Mutex
	resting map[string][]*line
}

func newLines() *lines {
	return &lines{dial: newDialer().dial, resting: make(map[string][]*line)}
}

// take gives a connection to the address: one that rests, else a new one. What
// is done over it fails from until on; a zero until leaves that to ctx.
func (p *lines) take(ctx context.Context, addr string, until time.Time) (*line, error) {
	for l := p.top(addr); l != nil; l = p.top(addr) {
		l.bound(until)
		if l.silent() { // else it has ended, or says what nobody has asked
			return l, nil
		}
		_ = l.Close()
	}
	if !until.IsZero() {
		bounded, cancel := context.WithDeadline(ctx, until)
		defer cancel()
		ctx = bounded
	}
	conn, err := p.dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	l := newLine(conn, addr, p)
	l.bound(until)
	return l, nil
}

func (p *lines) top(addr string) *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := p.resting[addr]
	if len(rest) == 0 {
		return nil
	}
	last := len(rest) - 1
	l := rest[last]
	rest[last], p.resting[addr] = nil, rest[:last]
	return l
}

// keep lets the connection rest until it is taken, unless enough do.
func (p *lines) keep(l *line) {
	l.kept, l.heard, l.sent, l.release = true, false, 0, nil
	p.mu.Lock()
	l.since = time.Now() // the longest rest lies lowest
	room := len(p.resting[l.addr]) < keepIdle
	if room {
		p.resting[l.addr] = append(p.resting[l.addr], l)
	}
	p.mu.Unlock()
	if !room {
		_ = l.Close()
	}
}

// drop gives up those that rest for the address.
func (p *lines) drop(addr string) {
	p.mu.Lock()
	dropped := p.resting[addr]
	delete(p.resting, addr)
	p.mu.Unlock()
	closeAll(dropped)
}

// sweep gives up those that have rested for as long as idleTimeout, until ctx ends, and then all.
func (p *lines) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			p.dropSince(now.Add(-idleTimeout))
		}
	}
}

// dropSince gives up those that have rested since then or longer.
func (p *lines) dropSince(then time.Time) {
	p.mu.Lock()
	var dropped []*line
	for addr, rest := range p.resting {
		n := 0
		for n < len(rest) && !rest[n].since.After(then) {
			n++
		}
		dropped = append(dropped, rest[:n]...)
		if n == len(rest) {
			delete(p.resting, addr)
		} else if n > 0 {
			p.resting[addr] = slices.Clone(rest[n:])
		}
	}
	p.mu.Unlock()
	closeAll(dropped)
}

func closeAll(lines []*line) {
	for _, l := range lines {
		_ = l.Close()
	}
}
