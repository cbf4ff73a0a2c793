// Package losses counts notifications: everything that a running stack accepts
// while it is broken on purpose, and everything that each client shows. What was
// accepted and is not shown is lost; what is shown and was shown before is double.
package losses

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/test/failure"
	"github.com/loveapp/backend/test/stack"
)

// Options say how much is sent, to whom, and what breaks meanwhile.
type Options struct {
	Users int // each with one client
	Total int // notifications to be accepted, at least
	Rate  int // notifications a second
	// Faults happen one after the other, and again from the first one until Total is reached.
	Faults []failure.Fault
	// Steady: every client stays on one instance, so that all lateness is the service's.
	Steady bool
	// Between is for how long all is well before the next one.
	Between time.Duration
}

// settleLimit is how long the clients may take to have everything once all is well again.
const settleLimit = 2 * time.Minute

// Run sends, breaks, and counts.
func Run(ctx context.Context, s *stack.Stack, o Options) (*Report, error) {
	w, err := newWorld(ctx, s, o)
	if err != nil {
		return nil, err
	}
	defer w.close()
	living, end := context.WithCancel(ctx)
	defer end()
	var clients, senders errgroup.Group
	for _, c := range w.clients {
		clients.Go(func() error { c.live(living); return nil })
	}
	sending, hush := context.WithCancel(ctx)
	defer hush()
	senders.Go(func() error { w.send(sending, ctx); return nil })
	broken := w.breakAll(ctx)
	hush()
	_ = senders.Wait() // they return nil
	settled := w.settle(ctx)
	audit := w.audit(ctx) // while the clients are connected: it looks at what those have acknowledged
	for _, c := range w.clients {
		c.retire()
	}
	report := w.report(ctx)
	report.add(audit)
	end()
	_ = clients.Wait() // they return nil
	return report, errors.Join(broken, settled)
}

// breakAll injects the faults until enough was accepted, and all of them once at least.
func (w *world) breakAll(ctx context.Context) error {
	for i := 0; i < len(w.options.Faults) || w.ledger.count() < w.options.Total; i++ {
		if len(w.options.Faults) == 0 {
			if !pause(ctx, time.Second) {
				return ctx.Err()
			}
			continue
		}
		if !pause(ctx, w.options.Between) {
			return ctx.Err()
		}
		f := w.options.Faults[i%len(w.options.Faults)]
		if i >= len(w.options.Faults) && w.ledger.count() >= w.options.Total {
			break
		}
		if err := w.breakOnce(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if !pause(ctx, w.options.Between) {
		return ctx.Err()
	}
	return nil
}

func (w *world) breakOnce(ctx context.Context, f failure.Fault) error {
	e := event{name: f.Name, began: time.Now()}
	w.note(e)
	if strings.Contains(f.Name, "master") {
		end, err := w.watchPromotion(ctx)
		if err != nil {
			return err
		}
		defer end()
	}
	target, err := f.Inject(ctx, w.stack)
	if err != nil {
		return err
	}
	if f.Undo != nil && f.Lasts > 0 {
		pause(ctx, f.Lasts)
		if err := f.Undo(ctx, w.stack, target); err != nil {
			return err
		}
	}
	if err := w.healed(ctx); err != nil {
		return err
	}
	if f.LosesLocal {
		w.again(ctx, e.began)
	}
	w.heal(target)
	return nil
}

// healed waits until every process is healthy, twice in a row.
func (w *world) healed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	const inARow, between = 2, 300 * time.Millisecond
	var ill []string
	for good := 0; good < inARow; {
		if !pause(ctx, between) {
			return fmt.Errorf("the stack did not heal: %s", strings.Join(ill, " "))
		}
		processes, err := w.stack.Status(ctx)
		good++
		ill = ill[:0]
		for _, p := range processes {
			if !p.Healthy {
				ill = append(ill, p.Name)
			}
		}
		if err != nil || len(ill) > 0 {
			good = 0
		}
	}
	return nil
}

// settle waits until every client has shown all that was accepted, or it is clear that one never will.
func (w *world) settle(ctx context.Context) error {
	for deadline := time.Now().Add(settleLimit); time.Now().Before(deadline); {
		missing := 0
		for _, c := range w.clients {
			missing += len(c.missing(w.ledger.of(c.number)))
		}
		if missing == 0 {
			return nil
		}
		if !pause(ctx, 200*time.Millisecond) {
			return ctx.Err()
		}
	}
	return nil // the report says what is missing
}

// pause is false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
