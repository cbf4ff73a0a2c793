// Command gate measures what the gateway promises beside speed (test/load/door
// has that), and writes each result as a report:
//
//	go run ./test/load/gate tunnels    memory of a WebSocket tunnel, beside a bare ReverseProxy and nginx
//	go run ./test/load/gate overload   calls for help while everybody asks for five times what there is
//	go run ./test/load/gate limits     twenty gateways that count together, and Redis killed meanwhile
//	go run ./test/load/gate slow       an instance that gets slow, and recovers
//	go run ./test/load/gate leavers    clients that leave before they are answered
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

func main() { program.Main("gate", command) }

// options are the flags of all measurements; each reads its own.
type options struct {
	out     string // folder for the report; "" = none
	tunnels int
	pause   time.Duration // after which memory has settled
	lasting time.Duration
	rate    int // requests/s that the service can do
}

var (
	errUsage = errors.New("say what to measure: tunnels, overload, limits, slow or leavers")
	errNone  = errors.New("-n and -rate must be at least 1, -for more than nothing")
)

type measurement func(t world.T, o options) string

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	if part, ok := parts()[args[0]]; ok {
		collectOnDemand(ctx)
		return part(ctx, args[1:], out)
	}
	measure, ok := map[string]measurement{"tunnels": tunnels, "overload": overload, "limits": limits, "slow": slow, "leavers": leavers}[args[0]]
	if !ok {
		return errUsage
	}
	o, err := parse(args[0], args[1:])
	if err != nil {
		return err
	}
	return world.Attempt(ctx, func(t world.T) {
		text := measure(t, o)
		_, _ = io.WriteString(out, text)
		if o.out == "" {
			return
		}
		if err := os.WriteFile(filepath.Join(o.out, args[0]+".md"), []byte(text), 0o644); err != nil { //nolint:gosec // a report for everybody
			t.Fatalf("write the report: %v", err)
		}
	})
}

func parse(name string, args []string) (o options, err error) {
	flags := flag.NewFlagSet("gate "+name, flag.ContinueOnError)
	flags.StringVar(&o.out, "out", "", "folder to write the report to")
	flags.IntVar(&o.tunnels, "n", 4000, "tunnels, or clients that leave")
	flags.DurationVar(&o.lasting, "for", 20*time.Second, "how long to send")
	flags.DurationVar(&o.pause, "pause", 500*time.Millisecond, "how long memory takes to settle")
	flags.IntVar(&o.rate, "rate", 400, "requests/s that the service can do; five times that are sent")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.tunnels < 1 || o.rate < 1 || o.lasting <= 0 {
		return o, errNone
	}
	return o, nil
}

// heading opens a report.
func heading(title, how string) *strings.Builder {
	b := &strings.Builder{}
	fmt.Fprintf(b, "# %s\n\nWritten by `go run ./test/load/gate %s` on %s.\n\n", title, how, time.Now().UTC().Format(time.DateOnly))
	return b
}
