// Package failure breaks a running stack on purpose while people use it, and
// asks afterwards whether every promise was kept.
package failure

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/loveapp/backend/test/stack"
	"golang.org/x/sync/errgroup"
)

// Crowd says how many people there are and what they do.
type Crowd struct {
	Callers  int           // each with Contacts contacts
	Waiting  int           // people who call once, and whom nobody helps
	Contacts int           // who listen
	Every    time.Duration // between a caller's calls for help
	Admin    Admin         // of the stack
}

// riskWindow before a primary's death: what was committed on it alone then may
// not have reached a replica.
const riskWindow = 2 * time.Second

// settleLimit is how long the stack may take to be whole again, and its phones to catch up.
const settleLimit = 90 * time.Second

// Run is one crowd on one stack.
type Run struct {
	stack   *stack.Stack
	saw     *Sightings
	phones  []*phone
	ears    []*ear
	callers []*caller

	mu     sync.Mutex
	events []Event
}

// Event is one injected fault.
type Event struct {
	At     time.Duration `json:"at"` // since the start
	Fault  string        `json:"fault"`
	Target string        `json:"target"`
	Healed time.Duration `json:"healed"` // until every process was healthy again
	Last   string        `json:"last"`   // those that were the last to be
	Failed string        `json:"failed,omitempty"`
	// Promoted is the database server that leads since, where another one did before.
	Promoted string `json:"promoted,omitempty"`
	// Missed: it was a point that no process came to, and nothing died.
	Missed bool `json:"missed,omitempty"`

	began  time.Time
	ended  time.Time
	losing bool
	killed bool
}

// New signs everybody up and makes them trust one another.
func New(ctx context.Context, s *stack.Stack, crowd Crowd) (*Run, error) {
	r := &Run{stack: s, saw: NewSightings()}
	var from addresses
	sign := func(name string) (*phone, error) {
		p := newPhone(s.URL, from.next(), r.saw)
		r.phones = append(r.phones, p)
		return p, p.register(ctx, name)
	}
	admin := newPhone(s.URL, from.next(), r.saw)
	defer admin.client.CloseIdleConnections()
	if err := crowd.Admin.hasten(ctx, admin); err != nil {
		return nil, err
	}
	for range crowd.Contacts {
		p, err := sign(fmt.Sprintf("Contact%d", len(r.phones)))
		if err != nil {
			return nil, err
		}
		r.ears = append(r.ears, newEar(p))
	}
	for i := range crowd.Callers + crowd.Waiting {
		p, err := sign(fmt.Sprintf("Caller%d", len(r.phones)))
		if err != nil {
			return nil, err
		}
		r.callers = append(r.callers, &caller{phone: p, waits: i >= crowd.Callers})
	}
	const contactsEach = 2
	for i, c := range r.callers {
		for k := range min(contactsEach, len(r.ears)) {
			e := r.ears[(i+k)%len(r.ears)]
			if err := c.phone.trust(ctx, e.phone); err != nil {
				return nil, err
			}
			c.ears = append(c.ears, e)
		}
	}
	return r, nil
}

// Do lets the crowd live, injects each fault when the stack has healed from the
// last one, and gives the report.
func (r *Run) Do(ctx context.Context, crowd Crowd, faults []Fault) (*Report, error) {
	started := time.Now()
	listening, deafen := context.WithCancel(ctx)
	defer deafen()
	calling, hush := context.WithCancel(ctx)
	defer hush()
	var lives, listeners errgroup.Group
	for _, e := range r.ears {
		listeners.Go(func() error { e.listen(listening); return nil })
	}
	for _, c := range r.callers {
		lives.Go(func() error { c.call(calling, crowd.Every); return nil })
	}
	for _, p := range r.phones {
		lives.Go(func() error { r.live(calling, p); return nil })
	}
	failed := r.breakAll(ctx, started, faults)
	hush()
	_ = lives.Wait() // they return nil
	settled := r.settle(ctx)
	deafenAfter := func() {
		deafen()
		_ = listeners.Wait() // they return nil
		for _, p := range r.phones {
			p.client.CloseIdleConnections()
		}
	}
	report := r.report(ctx, started)
	deafenAfter()
	return report, errors.Join(failed, settled)
}

// live is what a phone does anyway: look at its inbox, and refresh its tokens.
func (r *Run) live(ctx context.Context, p *phone) {
	const every = time.Second // 60 a minute, below what one person may send
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if i%3 == 0 {
			p.renew(ctx)
		} else {
			p.call(ctx, "GET", "/v1/notifications/unread-count", nil)
		}
	}
}

func (r *Run) breakAll(ctx context.Context, started time.Time, faults []Fault) error {
	for _, f := range faults {
		e := Event{Fault: f.Name, began: time.Now(), At: time.Since(started), losing: f.LosesLocal, killed: f.Kills}
		err := r.breakOne(ctx, f, &e)
		if ctx.Err() != nil {
			return ctx.Err() // what it was cut short by, not what was broken
		}
		e.ended = time.Now()
		e.Healed = e.ended.Sub(e.began)
		r.mu.Lock()
		r.events = append(r.events, e)
		r.mu.Unlock()
		if err != nil {
			return err
		}
		if e.Failed != "" {
			return fmt.Errorf("after %s of %s: %s", f.Name, e.Target, e.Failed)
		}
	}
	return nil
}

func (r *Run) breakOne(ctx context.Context, f Fault, e *Event) error {
	leader, err := r.leader(ctx, f)
	if err != nil {
		return err
	}
	e.Target, err = f.Inject(ctx, r.stack)
	switch {
	case errors.Is(err, ErrNotReached):
		e.Missed = true
	case err != nil:
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	if f.Undo != nil && f.Lasts > 0 {
		select {
		case <-time.After(f.Lasts):
		case <-ctx.Done():
		}
		if err := f.Undo(ctx, r.stack, e.Target); err != nil {
			return fmt.Errorf("undo %s: %w", f.Name, err)
		}
	}
	if e.Last, err = r.healed(ctx); err != nil {
		e.Failed = err.Error()
		return nil //nolint:nilerr // noted: the run goes on
	}
	now, err := r.leader(ctx, f)
	if now != leader {
		e.Promoted = now
	}
	return err
}

// leader is the primary's name, "" for a fault that leaves it alone.
func (r *Run) leader(ctx context.Context, f Fault) (string, error) {
	if !f.LosesLocal {
		return "", nil
	}
	return primary(ctx, r.stack)
}

// healed waits until every process is healthy, twice in a row: a process that was
// just killed may not have been missed yet. It names those that were the last to be.
func (r *Run) healed(ctx context.Context) (last string, err error) {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	const inARow, between = 2, 300 * time.Millisecond
	for good := 0; good < inARow; {
		select {
		case <-time.After(between):
		case <-ctx.Done():
			return last, fmt.Errorf("the stack did not heal: %s", last)
		}
		processes, err := r.stack.Status(ctx)
		if err != nil && ctx.Err() == nil {
			last = "status: " + err.Error()
		}
		good++
		var ill []string
		for _, p := range processes {
			if !p.Healthy {
				ill = append(ill, p.Name)
			}
		}
		if len(ill) > 0 {
			last = strings.Join(ill, " ")
		}
		if err != nil || len(ill) > 0 {
			good = 0
		}
	}
	return last, nil
}

// settle waits until every promised alarm has been heard, or it is clear that one never will.
func (r *Run) settle(ctx context.Context) error {
	if _, err := r.healed(ctx); err != nil {
		return err
	}
	deadline := time.Now().Add(settleLimit / 3)
	for r.waiting() > 0 && time.Now().Before(deadline) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (r *Run) waiting() (sum int) {
	for _, c := range r.callers {
		for _, p := range c.record().promises {
			for _, e := range c.ears {
				if e.alarmsFor(p.Ticket) == 0 {
					sum++
				}
			}
		}
	}
	for _, e := range r.ears {
		sum += e.gaps()
	}
	return sum
}

// primariesLost counts the faults that took a primary.
func (r *Run) primariesLost() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.losing {
			n++
		}
	}
	return n
}

// riskedAt: a primary died soon after.
func (r *Run) riskedAt(at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.losing && at.After(e.began.Add(-riskWindow)) && at.Before(e.ended) {
			return true
		}
	}
	return false
}
