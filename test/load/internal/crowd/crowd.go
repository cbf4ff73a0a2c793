// Package crowd keeps thousands of WebSockets open, as phones do: it answers
// pings, acknowledges what it shows, and comes back after a breakdown where it
// left off.
package crowd

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
)

// Opening is the kind under which the board has the connects: from the first
// packet to the server's greeting.
const Opening = "open a socket"

// Notification is what a phone shows.
type Notification struct {
	ID   string `json:"id"`
	Seq  int64  `json:"seq"`
	Data struct {
		Kind     string `json:"kind"`
		Ref      string `json:"ref"` // ours: which announcement it is
		TicketID string `json:"ticketId"`
	} `json:"data"`
}

// Config is all of it required.
type Config struct {
	Server string // host:port
	Addr   func(phone int) netip.Addr
	Board  *score.Board
	// Silence is how long a socket may say nothing, not even a ping, before it
	// is given up.
	Silence time.Duration
	// Shown is called for each notification on the goroutine that reads the
	// socket, when the frame has been read.
	Shown func(to people.Person, n Notification, at time.Time)
}

// Crowd is many people with an open socket each.
type Crowd struct {
	cfg     Config
	cancel  context.CancelFunc
	ctx     context.Context //nolint:containedctx // the crowd's own life, ended by Close
	sockets sync.WaitGroup

	open       atomic.Int64
	reconnects atomic.Int64
	mu         sync.Mutex
	ended      map[string]int64
}

// New is a crowd of nobody; it ends with ctx or Close.
func New(ctx context.Context, cfg Config) (*Crowd, error) {
	if cfg.Server == "" || cfg.Addr == nil || cfg.Board == nil || cfg.Shown == nil || cfg.Silence <= 0 {
		return nil, errors.New("crowd: every field of the config is required")
	}
	ctx, cancel := context.WithCancel(ctx)
	return &Crowd{cfg: cfg, ctx: ctx, cancel: cancel, ended: map[string]int64{}}, nil
}

// Connect opens a socket for each, rate of them a second, and returns when all
// have been greeted, or have given up once. Who gave up goes on trying.
func (c *Crowd) Connect(ctx context.Context, persons []people.Person, rate float64) {
	next := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer next.Stop()
	var tried sync.WaitGroup
	for _, p := range persons {
		select {
		case <-next.C:
		case <-ctx.Done():
			return
		}
		tried.Add(1)
		c.sockets.Go(func() { c.live(p, sync.OnceFunc(tried.Done)) })
	}
	tried.Wait()
}

// Open is how many sockets are open and greeted.
func (c *Crowd) Open() int64 { return c.open.Load() }

// Count is what became of the sockets so far.
type Count struct {
	Reconnects int64            `json:"reconnects"`
	Ended      map[string]int64 `json:"ended,omitempty"` // sockets that ended against our will, by the reason
}

// Count counts.
func (c *Crowd) Count() Count {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Count{Reconnects: c.reconnects.Load(), Ended: maps.Clone(c.ended)}
}

// Close hangs up everywhere and waits.
func (c *Crowd) Close() {
	c.cancel()
	c.sockets.Wait()
}

const (
	// comeBack grows from the first to the last, as a phone's does.
	comeBackFirst = 500 * time.Millisecond
	comeBackLast  = 10 * time.Second
)

// live is one person's: connected, broken off, connected again. tried is called
// once the first attempt is over.
func (c *Crowd) live(p people.Person, tried func()) {
	defer tried()
	s := &socket{crowd: c, person: p}
	for wait := comeBackFirst; ; wait = min(2*wait, comeBackLast) {
		begun := time.Now()
		greeted, err := s.once(c.ctx, tried)
		tried()
		if c.ctx.Err() != nil {
			return
		}
		if greeted {
			wait = comeBackFirst
			c.reconnects.Add(1)
			c.note(err)
		} else {
			c.cfg.Board.Add(Opening, begun, time.Now(), openingFault(err))
		}
		select {
		case <-time.After(wait):
		case <-c.ctx.Done():
			return
		}
	}
}

func (c *Crowd) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended[endOf(err)]++
}
