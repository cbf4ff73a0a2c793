// Command gateway runs one copy of the gateway.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/config"
)

// A gateway holds little and makes much garbage: collecting at five times what
// it holds instead of twice saves a tenth of its CPU. The limit keeps it below
// the 512 MiB that a container gets. GOGC and GOMEMLIMIT override both.
const (
	collectAt   = 400
	memoryLimit = 384 << 20
)

func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c, err := gateway.LoadConfig()
	var mistakes config.Mistakes
	mistakes.AddErr(err)
	mistakes.AddErr(c.Validate())
	if err := mistakes.Err(); err != nil {
		return err
	}
	switch {
	case len(args) == 0 || args[0] == "serve":
		tuneCollector()
		service, err := gateway.New(ctx, c)
		if err != nil {
			return err
		}
		return service.Run(ctx)
	case args[0] == "health":
		return healthy(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	default:
		return fmt.Errorf("unknown command %q: use serve (the default) or health", args[0])
	}
}

// healthy asks the copy on this machine: for container health checks, whose images have no shell.
func healthy(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/health/ready", http.NoBody)
	if err != nil {
		return err
	}
	res, err := (&http.Client{}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
