package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// standin is the testing.TB that servers on fakes ask for, where no test runs.
type standin struct {
	testing.TB // nil: what is not overridden is not used

	ctx      context.Context //nolint:containedctx // as testing.T has it
	cleanups []func()
	faults   []error
}

type fatal struct{ err error }

func (s *standin) Helper() {}

// Context outlives an interrupt no more than the servers do.
func (s *standin) Context() context.Context { return s.ctx }

// Cleanup notes what to do at the end.
func (s *standin) Cleanup(clean func()) { s.cleanups = append(s.cleanups, clean) }

// Errorf notes a fault and goes on.
func (s *standin) Errorf(format string, args ...any) {
	s.faults = append(s.faults, fmt.Errorf(format, args...))
}

// Fatal ends the run.
func (s *standin) Fatal(args ...any) { panic(fatal{errors.New(fmt.Sprint(args...))}) }

// Fatalf ends the run.
func (s *standin) Fatalf(format string, args ...any) { panic(fatal{fmt.Errorf(format, args...)}) }

// end cleans up, and tells what went wrong.
func (s *standin) end(reason any, err error) error {
	for _, clean := range slices.Backward(s.cleanups) {
		clean()
	}
	switch reason := reason.(type) {
	case nil:
	case fatal:
		err = errors.Join(err, reason.err)
	default:
		panic(reason)
	}
	return errors.Join(append(s.faults, err)...)
}
