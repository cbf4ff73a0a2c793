// Command revoked runs the local stack and measures how soon a revocation counts
// at two gateways, at every copy of notification and of sos: after a sign-out, a
// ban, a new role and a new password, while all is well and while Redis breaks.
package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/losses"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/stack"
	"github.com/loveapp/backend/test/world"
)

func main() { program.Main("revoked", command) }

func command(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("revoked", flag.ContinueOnError)
	calm := flags.Int("calm", 300, "revocations while all is well")
	broken := flags.Int("broken", 60, "revocations during each fault")
	file := flags.String("report", "", "file for the report; else it is printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
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
	return errors.Join(program.Publish(out, *file, r.text()), r.missed())
}
