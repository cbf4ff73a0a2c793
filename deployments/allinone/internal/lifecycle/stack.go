// Package lifecycle runs the parts of a process one upon the other and stops
// them from the top down: what others stand on goes last.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Stack is the running parts in the order of their start. One goroutine owns it.
type Stack struct {
	base  context.Context //nolint:containedctx // what every part's own context hangs on; it never ends
	parts []part
	ended chan error
}

type part struct {
	name string
	stop context.CancelFunc
	done chan error
}

// New makes an empty stack. The parts inherit ctx's values, not its end: Stop ends them, in order.
func New(ctx context.Context) *Stack {
	return &Stack{base: context.WithoutCancel(ctx), ended: make(chan error, 1)}
}

// Add runs a part on top of those that run already. run goes on until its
// context ends, then finishes what is in hand and returns.
func (s *Stack) Add(name string, run func(ctx context.Context) error) {
	ctx, stop := context.WithCancel(s.base)
	p := part{name: name, stop: stop, done: make(chan error, 1)}
	s.parts = append(s.parts, p)
	go func() {
		err := run(ctx)
		if ctx.Err() == nil {
			s.report(name, err)
			err = nil // told once
		}
		p.done <- err
	}()
}

var errEnded = errors.New("it ended by itself")

// report keeps the first: the others mostly fall because of it.
func (s *Stack) report(name string, err error) {
	if err == nil {
		err = errEnded
	}
	select {
	case s.ended <- fmt.Errorf("%s: %w", name, err):
	default:
	}
}

// Ended gives the error of the first part that ended without having been asked to.
func (s *Stack) Ended() <-chan error { return s.ended }

// Stop ends the parts from the top down, each after the one above it is gone,
// and says which did not end well.
func (s *Stack) Stop() error {
	var errs []error
	for _, p := range slices.Backward(s.parts) {
		p.stop()
		if err := <-p.done; err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
		}
	}
	s.parts = nil
	return errors.Join(errs...)
}
