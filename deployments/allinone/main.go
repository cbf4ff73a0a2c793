// Command allinone is the whole backend in one process: every service, talking
// over loopback as separate processes do, on a private PostgreSQL and Redis
// unless DATABASE_HOST and REDIS_HOST name others. It takes no arguments.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/loveapp/backend/deployments/allinone/internal/backend"
	"github.com/loveapp/backend/deployments/allinone/internal/banner"
	"github.com/loveapp/backend/deployments/allinone/internal/settings"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	stopOnSignal(cancel)
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "loveapp:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	if len(os.Args) > 1 {
		return errors.New("this program takes no arguments: set environment variables instead (see README.md)")
	}
	s, err := settings.Load()
	if err != nil {
		return err
	}
	b, err := backend.Start(ctx, s)
	if err != nil && ctx.Err() != nil {
		return nil //nolint:nilerr // stopped while starting, as asked
	}
	if err != nil {
		return err
	}
	fmt.Fprint(os.Stdout, banner.Text(b.Facts()))
	return b.Wait(ctx)
}

// quitAtOnce is what a shell reports for a program that Ctrl-C ended.
const quitAtOnce = 128 + int(syscall.SIGINT)

// stopOnSignal drains at the first signal and quits at the second; the kernel
// then ends the servers below (they ask for it at their start).
func stopOnSignal(cancel context.CancelFunc) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		fmt.Fprintln(os.Stderr, "\nloveapp: finishing what is in hand; Ctrl-C again quits at once")
		cancel()
		<-signals
		os.Exit(quitAtOnce)
	}()
}
