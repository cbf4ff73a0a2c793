// Command door measures what the gateway costs beside bare proxying: the full
// gateway (tokens, limits in Redis, breakers, balancing, metrics, log), a bare
// tuned httputil.ReverseProxy and, where it is installed, nginx, one after the
// other in short rounds before the same trivial service.
//
//	go run ./test/load/door -rounds 9 -for 2s -connections 64 -users 1000
//
// The gateway serves twice in each round: one user's requests, which it counts
// together, and those of many, of whom each is counted in Redis by itself. Only
// the ratios mean something: the clients share the machine.
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

func main() { program.Main("door", command) }

// How this program starts itself: nobody types these.
const (
	serviceCommand = "service"
	bareCommand    = "bare"
	gatewayCommand = "gateway"
)

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case serviceCommand:
			return serveTrivially(ctx, out)
		case bareCommand:
			return serveBare(ctx, args[1:], out)
		case gatewayCommand:
			return serveGateway(ctx, args[1:], out)
		}
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return world.Attempt(ctx, func(t world.T) {
		if err := program.Publish(out, o.report, compare(t, o).markdown(o)); err != nil {
			t.Fatalf("write the report: %v", err)
		}
	})
}

// options are the flags.
type options struct {
	rounds, connections, users int
	lasting                    time.Duration // one round of one contender
	report                     string        // file; "" = none
}

var errOptions = errors.New("-rounds, -connections and -users must be at least 1, -for more than nothing")

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("door", flag.ContinueOnError)
	flags.IntVar(&o.rounds, "rounds", 9, "rounds, in each of which every contender serves once")
	flags.IntVar(&o.connections, "connections", 64, "connections, each of which asks again when it is answered")
	flags.IntVar(&o.users, "users", 1000, "users whose requests the gateway gets the second time")
	flags.StringVar(&o.report, "report", "", "file to write the table to, as Markdown")
	flags.DurationVar(&o.lasting, "for", 2*time.Second, "how long a contender serves in a round")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.connections < 1 || o.users < 1 || o.lasting <= 0 {
		return o, errOptions
	}
	return o, nil
}
