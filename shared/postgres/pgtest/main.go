package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Extra is another server that a test binary needs: it starts it and gives what stops it.
type Extra func(ctx context.Context) (stop func() error, err error)

// Main runs the tests of a package that uses New, then checks that they left no
// goroutine and stops the server. It ends the process. Call it from TestMain.
func Main(m *testing.M, extras ...Extra) { os.Exit(run(m, extras)) }

func run(m *testing.M, extras []Extra) (code int) {
	ctx := context.Background()
	stop, err := startAll(ctx, extras)
	if err == nil {
		server.open = true
		code = m.Run()
		err = stopServer(ctx)
	}
	if err := errors.Join(err, stop()); err != nil {
		return failed("start and stop what the tests need: %v", err)
	}
	if code == 0 { // a failed test may well leave something behind
		if err := goleak.Find(); err != nil {
			code = failed("the tests left goroutines behind: %v", err)
		}
	}
	return code
}

// startAll gives what stops those that were started, also with an error.
func startAll(ctx context.Context, extras []Extra) (stop func() error, err error) {
	var stops []func() error
	stop = func() error {
		var errs []error
		for _, s := range slices.Backward(stops) {
			errs = append(errs, s())
		}
		return errors.Join(errs...)
	}
	for _, start := range extras {
		s, err := start(ctx)
		if err != nil {
			return stop, err
		}
		stops = append(stops, s)
	}
	return stop, nil
}

func stopServer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return server.stop(ctx)
}

func failed(format string, err error) int {
	_, _ = fmt.Fprintf(os.Stderr, "FAIL: "+format+"\n", err)
	return 1
}
