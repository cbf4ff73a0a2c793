package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// bench is what a world needs of a test, where there is none.
type bench struct {
	ctx      context.Context //nolint:containedctx // as testing.T has it
	cleanups []func()
	faults   []error
}

// failure ends an attempt from within.
type failure struct{ err error }

// Attempt is for programs that measure: it runs work, then what it asked to clean up, last first.
func Attempt(ctx context.Context, work func(t T)) (err error) {
	ctx, cancel := context.WithCancel(Unwatched(ctx))
	t := &bench{ctx: ctx}
	defer func() {
		cancel()
		for _, clean := range slices.Backward(t.cleanups) {
			clean()
		}
		err = errors.Join(append(t.faults, err)...)
	}()
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case failure:
			err = reason.err
		default:
			panic(reason)
		}
	}()
	work(t)
	return nil
}

// Helper has nothing to hide here.
func (t *bench) Helper() {}

// Context ends before the clean-up.
func (t *bench) Context() context.Context { return t.ctx }

// Cleanup notes what to do at the end.
func (t *bench) Cleanup(clean func()) { t.cleanups = append(t.cleanups, clean) }

// Errorf notes a fault and goes on.
func (t *bench) Errorf(format string, args ...any) {
	t.faults = append(t.faults, fmt.Errorf(format, args...))
}

// Fatalf ends the attempt.
func (t *bench) Fatalf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }
