package losses

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// kind is how a client keeps up with its inbox.
type kind string

const (
	steady kind = "stays on one instance" // until that is gone
	hopper kind = "comes and goes over the gateways"
	reader kind = "comes and goes with server-sent events"
	poller kind = "reads the inbox by HTTP"
)

// kinds are dealt to the clients in turn.
var kinds = []kind{steady, steady, hopper, hopper, reader, poller} //nolint:gochecknoglobals // a constant list

// sighting is when and over which instance something was first shown.
type sighting struct {
	at       time.Time
	instance int // -1: over a gateway
}

// client shows notifications as a correct app does: a seq or an id that it has
// shown it drops, and it resumes after the highest contiguous seq.
type client struct {
	world  *world
	number int
	kind   kind
	bearer string
	dialer *net.Dialer
	http   *http.Client

	mu         sync.Mutex
	last       int64          // highest contiguous seq
	ahead      map[int64]bool // shown beyond a gap
	ids        map[string]bool
	shown      map[string]sighting // by title
	ordered    int64               // highest seq shown that was not critical
	twice      []string            // titles shown under two ids
	disordered int
	dropped    int // seqs or ids that came again
	gaps       int // that have closed
	resets     int
	held       []notification // came live before this connection's resume was answered
	resuming   bool
	sessions   int
	retired    bool // hoppers and pollers keep still from now on
}

func newClient(w *world, n int, k kind, bearer string) *client {
	dialer := dialerOf(n)
	return &client{
		world: w, number: n, kind: k, bearer: bearer, dialer: dialer,
		http:  &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 1}},
		ahead: map[int64]bool{}, ids: map[string]bool{}, shown: map[string]sighting{},
	}
}

func (c *client) live(ctx context.Context) {
	instance := c.number % len(c.world.instances)
	for ctx.Err() == nil {
		switch c.kind {
		case poller:
			c.poll(ctx)
			pause(ctx, between(time.Second, 3*time.Second))
		case hopper, reader:
			c.visit(ctx)
			pause(ctx, between(0, time.Second))
		default:
			_ = c.session(ctx, c.world.instances[instance], instance) // as above
			instance = (instance + 1) % len(c.world.instances)
			pause(ctx, retryPause)
		}
	}
}

// visit connects over any gateway for a while. Whatever ends it, the answer is to come again.
func (c *client) visit(ctx context.Context) {
	gateway := c.world.stack.Gateways[rand.IntN(len(c.world.stack.Gateways))] //nolint:gosec // no secret
	ctx, leave := context.WithTimeout(ctx, between(time.Second, 4*time.Second))
	defer leave()
	if c.kind == reader {
		_ = c.follow(ctx, gateway)
		return
	}
	_ = c.session(ctx, gateway, -1)
}

func between(least, most time.Duration) time.Duration {
	return least + rand.N(most-least) //nolint:gosec // no secret
}

// retire has the client count nothing any more: the run is over.
func (c *client) retire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retired = true
}

// note shows a notification.
func (c *client) note(n notification, instance int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.retired {
		return
	}
	if n.Seq <= c.last || c.ahead[n.Seq] {
		c.dropped++
		return
	}
	if c.resuming && n.Seq != c.last+1 && n.Priority != "critical" {
		c.held = append(c.held, n)
		return
	}
	c.ahead[n.Seq] = true
	c.advance()
	if c.show(n, instance) && n.Priority != "critical" {
		if n.Seq < c.ordered {
			c.disordered++
		}
		c.ordered = max(c.ordered, n.Seq)
	}
}

// begin is the start of a connection: what was held back on the last one comes again.
func (c *client) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions++
	c.held, c.resuming = nil, true
}

// resumed shows what was held back, and only then believes that nothing is
// missing up to seq: where seqs leap, what the resume itself brought was held back too.
func (c *client) resumed(seq int64, instance int) {
	c.mu.Lock()
	held := c.held
	c.held, c.resuming = nil, false
	c.mu.Unlock()
	slices.SortFunc(held, func(a, b notification) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, n := range held {
		c.note(n, instance)
	}
	c.goOn(seq, false)
}

func (c *client) advance() {
	before := len(c.ahead)
	for c.ahead[c.last+1] {
		c.last++
		delete(c.ahead, c.last)
	}
	if before > 1 && len(c.ahead) == 0 {
		c.gaps++
	}
}

// show is false for what was shown before.
func (c *client) show(n notification, instance int) bool {
	if c.ids[n.ID] { // lost with a primary and sent again, or read in the inbox
		c.dropped++
		return false
	}
	c.ids[n.ID] = true
	if _, before := c.shown[n.Title]; before {
		c.twice = append(c.twice, n.Title)
		return false
	}
	c.shown[n.Title] = sighting{time.Now(), instance}
	return true
}

// goOn takes the server's word that there is nothing more up to seq.
func (c *client) goOn(seq int64, reset bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if reset {
		c.resets++
	} else if seq < c.last {
		return // what came live meanwhile
	}
	c.last = seq
	for ahead := range c.ahead {
		if ahead <= seq {
			delete(c.ahead, ahead)
		}
	}
	c.advance()
}

func (c *client) position() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

// missing gives those of the titles that were never shown.
func (c *client) missing(titles []string) (lost []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, title := range titles {
		if _, ok := c.shown[title]; !ok {
			lost = append(lost, title)
		}
	}
	return lost
}
