// Command latency measures how long an alarm takes from the press of the button
// to the contact's socket, on one machine with a private PostgreSQL and Redis:
// go run ./test/latency.
package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

// warmUp alarms fill pools and caches before those that are measured.
const warmUp = 10

func main() { program.Main("latency", command) }

func command(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("latency", flag.ContinueOnError)
	alarms := flags.Int("alarms", 200, "how many to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *alarms < 1 {
		return errors.New("measure at least one alarm")
	}
	return world.Attempt(ctx, func(t world.T) {
		w := world.Embedded(t, world.NewServers(t), world.Size{})
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		heard := listen(t, bob.Connect())
		var table table
		for i := range warmUp + *alarms {
			sample := measure(t, ada, heard)
			if i >= warmUp {
				table.add(sample)
			}
		}
		table.print(out)
	})
}
