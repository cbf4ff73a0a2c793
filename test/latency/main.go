// Command latency measures how long an alarm takes from the press of the button
// to the contact's socket, on one machine with a private PostgreSQL and Redis:
// go run ./test/latency.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/loveapp/backend/test/world"
)

// warmUp alarms fill pools and caches before those that are measured.
const warmUp = 10

func main() {
	alarms := flag.Int("alarms", 200, "how many to measure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *alarms, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, alarms int, out io.Writer) error {
	if alarms < 1 {
		return errors.New("measure at least one alarm")
	}
	return world.Attempt(ctx, func(t world.T) {
		w := world.Embedded(t, world.NewServers(t), world.Size{})
		ada, bob := world.SignUp(t, w, "Ada"), world.SignUp(t, w, "Bob")
		ada.Trusts(bob)
		heard := listen(t, bob.Connect())
		var table table
		for i := range warmUp + alarms {
			sample := measure(t, ada, heard)
			if i >= warmUp {
				table.add(sample)
			}
		}
		table.print(out)
	})
}
