package pgtest

import (
	"context"
	"fmt"
	"os"
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
	for _, start := range extras {
		stop, err := start(ctx)
		if err != nil {
			return failed("start what the tests need: %v", err)
		}
		defer func() {
			if err := stop(); err != nil {
				code = failed("stop what the tests needed: %v", err)
			}
		}()
	}
	server.open = true
	code = m.Run()
	if err := stopServer(ctx); err != nil {
		code = failed("stop PostgreSQL: %v", err)
	}
	if code == 0 { // a failed test may well leave something behind
		if err := goleak.Find(); err != nil {
			code = failed("the tests left goroutines behind: %v", err)
		}
	}
	return code
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
