// Command revoked runs the local stack and measures how soon a revocation counts
// at two gateways, at every copy of notification and of sos: after a sign-out, a
// ban, a new role and a new password, while all is well and while Redis breaks.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/losses"
	"github.com/loveapp/backend/test/stack"
	"github.com/loveapp/backend/test/world"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "revoked:", err)
		os.Exit(1) //nolint:gocritic // stop only restores the signals' defaults
	}
}

func command(ctx context.Context) (err error) {
	calm := flag.Int("calm", 300, "revocations while all is well")
	broken := flag.Int("broken", 60, "revocations during each fault")
	file := flag.String("report", "", "file for the report; else it is printed")
	flag.Parse()
	before, err := meter.CountLoad()
	if err != nil {
		return err
	}
	s, err := stack.Start(ctx, stack.Options{Linked: true, Env: append(losses.Env(), world.StackEnv()...)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) }()
	r, err := measure(ctx, s, *calm, *broken)
	if err != nil {
		return err
	}
	after, err := meter.CountLoad()
	if err != nil {
		return err
	}
	r.busy = after.Since(before).Busy()
	if *file == "" {
		_, _ = fmt.Fprint(os.Stdout, r.text())
		return r.missed()
	}
	return errors.Join(os.WriteFile(*file, []byte(r.text()), 0o600), r.missed())
}
