// Command logins measures auth alone, as a process on PostgreSQL and Redis:
//
//	logins cores   what one processor can do: sign-ins, refreshes, checks of tokens
//	logins flood   what the others feel while twenty times too many sign in
package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"time"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

func main() { program.Main("logins", command) }

// options are the flags.
type options struct {
	lasting time.Duration // each part of the measurement
	report  string
}

var errCommand = errors.New("cores or flood is required")

func command(ctx context.Context, args []string, out io.Writer) error {
	measures := map[string]func(world.T, options) page{"cores": cores, "flood": flood}
	if len(args) == 0 || measures[args[0]] == nil {
		return errCommand
	}
	var o options
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.DurationVar(&o.lasting, "for", 20*time.Second, "how long each part lasts")
	flags.StringVar(&o.report, "report", "", "file for the report; else it is printed")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	var result page
	if err := world.Attempt(ctx, func(t world.T) { result = measures[args[0]](t, o) }); err != nil {
		return err
	}
	return errors.Join(program.Publish(out, o.report, result.text()), result.missed())
}
