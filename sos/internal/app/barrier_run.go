package app

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Run asks until ctx ends.
func (b *Barrier) Run(ctx context.Context) error {
	var group sync.WaitGroup
	group.Go(func() { b.watch(ctx) })
	defer group.Wait()
	for {
		select {
		case <-b.wake:
			for b.begin() {
				b.pass(ctx)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// watch keeps what is known about standbys, so that no call for help has to ask.
func (b *Barrier) watch(ctx context.Context) {
	tick := time.NewTicker(standbyPoll)
	defer tick.Stop()
	for {
		b.look(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (b *Barrier) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, standbyPoll)
	defer cancel()
	if has, err := b.Confirmations.HasStandbys(ctx); err == nil { // else what was known last is the best guess
		b.found(has)
	}
}

func (b *Barrier) found(has bool) {
	if has {
		b.standbys.Store(some)
	} else {
		b.standbys.Store(none)
	}
}

var errOverdue = errors.New("it has not answered in time")

// begin makes the next round the one that is under way; false where nobody waits.
func (b *Barrier) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running, b.next = b.next, nil
	return b.running != nil
}

// pass asks until there is an answer: whoever waits leaves when it is overdue,
// and as long as it is, nobody who comes waits at all.
func (b *Barrier) pass(ctx context.Context) {
	r, begun := b.running, b.Now()
	late := time.AfterFunc(barrierLimit, func() {
		close(r.overdue)
		b.asking.note(ctx, errOverdue)
	})
	defer func() {
		r.inTime = late.Stop() && r.stored != nil
		b.Telemetry.confirmed(len(r.presses)+len(r.changes), b.Now().Sub(begun), r.inTime)
		b.mu.Lock()
		b.running = nil
		b.mu.Unlock()
		close(r.done)
	}()
	for pause := firstBarrierPause; ; pause = min(2*pause, lastBarrierPause) {
		err := b.ask(ctx, r)
		b.asking.note(ctx, err)
		if err == nil {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

func (b *Barrier) ask(ctx context.Context, r *question) error {
	ctx, cancel := context.WithTimeout(ctx, barrierTry)
	defer cancel()
	got, err := b.Confirmations.Confirm(ctx, r.presses, r.changes...)
	if err != nil {
		return err
	}
	b.found(got.Replicated)
	r.replicated, r.stored, r.kept = got.Replicated, presence(got.Stored), presence(got.Kept)
	return nil
}

// presence is never nil.
func presence[T comparable](items []T) map[T]bool {
	there := make(map[T]bool, len(items))
	for _, item := range items {
		there[item] = true
	}
	return there
}
