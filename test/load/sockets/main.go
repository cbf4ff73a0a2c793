// Command sockets measures what the socket server costs and how fast it is, on
// one machine with a PostgreSQL and a Redis of its own:
//
//	go run ./test/load/sockets hold -n 10000      memory and time of idle sockets
//	go run ./test/load/sockets fanout -n 9000     one message to all, beside a bare write loop
//	go run ./test/load/sockets storm -n 19000     all come back at once
//	go run ./test/load/sockets latency -n 10000   from a request to another instance's sockets
//	go run ./test/load/sockets hostile -n 5000    clients that never read, beside some that do
//	go run ./test/load/sockets escalation -n 1000 alarms that nobody acknowledges, and some that somebody does
//	go run ./test/load/sockets reads -n 200       what one device has read, told to the other one
//
// The clients live in a process of their own: a process may hold 20,000 descriptors.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

var errUsage = errors.New("usage: sockets hold|fanout|storm|latency|hostile|escalation|reads [flags]; -h lists the flags")

func main() { program.Main("sockets", command) }

// How this program starts itself: nobody types these.
const (
	clientsCommand = "clients"
	floorCommand   = "floor"
	serveCommand   = "serve"
)

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case clientsCommand:
		return serveClients(ctx, os.Stdin, out)
	case floorCommand:
		return serveFloor(ctx, os.Stdin, out)
	case serveCommand:
		return serveNotification(ctx)
	}
	measure, known := map[string]func(world.T, options, io.Writer){
		"hold": hold, "fanout": fanout, "storm": storm, "latency": latency, "hostile": hostile, "escalation": escalation, "reads": reads,
	}[args[0]]
	if !known {
		return errUsage
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.report == "" {
		return world.Attempt(ctx, func(t world.T) { measure(t, o, out) })
	}
	var said bytes.Buffer
	err = world.Attempt(ctx, func(t world.T) { measure(t, o, io.MultiWriter(out, &said)) })
	return errors.Join(err, o.write(args[0], said.String()))
}

// options are the flags.
type options struct {
	sockets int
	lasting time.Duration // hold: how long the idle time is watched; latency: how long messages come
	rounds  int           // fanout, hostile, reads
	rate    int           // latency: messages a second
	missed  int           // storm: what each has missed
	report  string        // "": none
	hurry   bool          // escalation: the steps are moved ahead in the database
}

const mostSockets = 19_000 // of one process

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.IntVar(&o.sockets, "n", 10_000, "sockets")
	flags.DurationVar(&o.lasting, "for", time.Minute, "hold: how long to watch; latency: how long to send")
	flags.IntVar(&o.rounds, "rounds", 20, "fanout, hostile and reads: messages")
	flags.IntVar(&o.rate, "rate", 500, "latency: messages a second")
	flags.IntVar(&o.missed, "missed", 3, "storm: notifications that each client has missed")
	flags.BoolVar(&o.hurry, "hurry", false, "escalation: move the steps ahead in the database, to see whether it works with few")
	flags.StringVar(&o.report, "report", "", "write a page of Markdown there, too")
	if err := flags.Parse(args[1:]); err != nil {
		return o, err
	}
	if o.sockets < 1 || o.sockets > mostSockets || o.rounds < 1 || o.rate < 1 || o.missed < 1 || o.lasting <= 0 {
		return o, fmt.Errorf("-n must be from 1 to %d, the others at least 1", mostSockets)
	}
	return o, nil
}

// write makes a page of what was found; it says how busy the machine was, for
// these figures mean little without that.
func (o options) write(name, found string) error {
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	page := fmt.Sprintf("# sockets %s\n\nTaken %s on %d cores, load average at the end %s.\n\n```\n%s```\n",
		name, time.Now().UTC().Format(time.DateTime), runtime.NumCPU(), strings.TrimSpace(string(load)), found)
	return os.WriteFile(o.report, []byte(page), 0o600)
}
