// Command load puts the traffic of thousands of people on a running stack and
// says what they got: go run ./test/load run -profile smoke.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/loveapp/backend/test/load/internal/worker"
)

// errUsage is the help that a wrong command line gets.
var errUsage = errors.New(`usage: load run|mint [flags]
  run   [-profile smoke|full|alarms|alarms-burst|alarms-answered|artillery|artillery-smoke] [-dir .stack] [-out test/load/reports] …
  mint  [-n 20000] [-to tokens.csv]: people's tokens, for other drivers
run -h and mint -h list the flags`)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1) //nolint:gocritic // stop only restores the signals' defaults
	}
}

// workerCommand is how the driver starts itself: nobody types it.
const workerCommand = "worker"

func command(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	var err error
	switch args[0] {
	case "run":
		err = run(ctx, args[1:], out, progress)
	case "mint":
		err = mint(ctx, args[1:], progress)
	case workerCommand:
		err = worker.Run(ctx, in, out)
	default:
		err = errUsage
	}
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	return err
}
