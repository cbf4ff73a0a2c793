// Command sockets measures what the socket server costs and how fast it is, on
// one machine with a PostgreSQL and a Redis of its own:
//
//	go run ./test/load/sockets hold -n 10000      memory and time of idle sockets
//	go run ./test/load/sockets fanout -n 9000     one message to all, beside a bare write loop
//	go run ./test/load/sockets storm -n 19000     all come back at once
//	go run ./test/load/sockets latency -n 10000   from a request to another instance's sockets
//	go run ./test/load/sockets hostile -n 5000    clients that never read, beside some that do
//
// The clients live in a process of their own: a process may hold 20,000 descriptors.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/loveapp/backend/test/world"
)

var errUsage = errors.New("usage: sockets hold|fanout|storm|latency|hostile [flags]; -h lists the flags")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sockets:", err)
		os.Exit(1) //nolint:gocritic // stop only restores the signals' defaults
	}
}

// How this program starts itself: nobody types these.
const (
	clientsCommand = "clients"
	floorCommand   = "floor"
)

func command(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case clientsCommand:
		return serveClients(ctx, in, out)
	case floorCommand:
		return serveFloor(ctx, in, out)
	}
	measure, known := map[string]func(world.T, options, io.Writer){
		"hold": hold, "fanout": fanout, "storm": storm, "latency": latency, "hostile": hostile,
	}[args[0]]
	if !known {
		return errUsage
	}
	o, err := parse(args)
	if err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	return world.Attempt(ctx, func(t world.T) { measure(t, o, out) })
}

// options are the flags.
type options struct {
	sockets int
	lasting time.Duration // hold: how long the idle time is watched; latency: how long messages come
	rounds  int           // fanout, hostile
	rate    int           // latency: messages a second
	missed  int           // storm: what each has missed
}

const mostSockets = 19_000 // of one process

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.IntVar(&o.sockets, "n", 10_000, "sockets")
	flags.DurationVar(&o.lasting, "for", time.Minute, "hold: how long to watch; latency: how long to send")
	flags.IntVar(&o.rounds, "rounds", 20, "fanout and hostile: messages")
	flags.IntVar(&o.rate, "rate", 500, "latency: messages a second")
	flags.IntVar(&o.missed, "missed", 3, "storm: notifications that each client has missed")
	if err := flags.Parse(args[1:]); err != nil {
		return o, err
	}
	if o.sockets < 1 || o.sockets > mostSockets || o.rounds < 1 || o.rate < 1 || o.missed < 1 || o.lasting <= 0 {
		return o, fmt.Errorf("-n must be from 1 to %d, the others at least 1", mostSockets)
	}
	return o, nil
}
