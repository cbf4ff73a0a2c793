// Command gateway runs one copy of the gateway.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/program"
)

// A gateway holds little and makes much garbage: collecting at five times what
// it holds instead of twice saves a tenth of its CPU. The limit keeps it below
// the 512 MiB that a container gets. GOGC and GOMEMLIMIT override both.
const (
	collectAt   = 400
	memoryLimit = 384 << 20
)

func main() {
	program.Program[gateway.Config]{
		Load:  gateway.LoadConfig,
		Serve: serve,
		Port:  func(c gateway.Config) int { return c.Port },
	}.Main()
}

func serve(ctx context.Context, c gateway.Config) error {
	tuneCollector()
	running, err := gateway.New(ctx, c)
	if err != nil {
		return err
	}
	return running.Run(ctx)
}

func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
