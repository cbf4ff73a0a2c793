// Command load puts the traffic of thousands of people on a running stack and
// says what they got: go run ./test/load run -profile smoke.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/loveapp/backend/test/load/internal/worker"
	"github.com/loveapp/backend/test/program"
)

// errUsage is the help that a wrong command line gets.
var errUsage = errors.New(`usage: load run|mint [flags]
  run   [-profile smoke|full|alarms|alarms-burst|alarms-answered|artillery|artillery-smoke] [-dir .stack] [-out test/load/reports] …
  mint  [-n 20000] [-to tokens.csv]: people's tokens, for other drivers
run -h and mint -h list the flags`)

func main() { program.Main("load", command) }

// workerCommand is how the driver starts itself: nobody types it.
const workerCommand = "worker"

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "run":
		return run(ctx, args[1:], out, os.Stderr)
	case "mint":
		return mint(ctx, args[1:], os.Stderr)
	case workerCommand:
		return worker.Run(ctx, os.Stdin, out)
	}
	return errUsage
}
