// Command smuggle sends requests that two programs could read in two ways, byte
// by byte, to the gateway and to whichever of nginx, Caddy and Traefik are
// installed, each before a service that writes down what reaches it:
//
//	go run ./test/smuggle -report test/smuggle/reports/smuggle.md
//
// A case is lost where the service gets a message that is still ambiguous, a
// request nobody asked for, or a header that claims an identity.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

func main() { program.Main("smuggle", command) }

// options are the flags.
type options struct {
	report   string        // where to write the table too; "" = nowhere
	patience time.Duration // for an answer, before a case counts as left without one
	alone    bool          // the gateway without those it is compared with
}

func command(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("smuggle", flag.ContinueOnError)
	flags.StringVar(&o.report, "report", "", "also write the table to this file")
	flags.DurationVar(&o.patience, "patience", 3*time.Second, "how long to wait for an answer")
	flags.BoolVar(&o.alone, "alone", false, "leave out nginx, Caddy and Traefik")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return world.Attempt(ctx, func(t world.T) {
		text, failed := run(t, o)
		_, _ = io.WriteString(out, text)
		if o.report != "" {
			if err := os.WriteFile(o.report, []byte(text), 0o600); err != nil {
				t.Fatalf("write the report: %v", err)
			}
		}
		for _, f := range failed {
			t.Errorf("%s", f)
		}
	})
}

// run plays every case to every server. failed says where the gateway did
// something else than it promises.
func run(t world.T, o options) (table string, failed []string) {
	t.Helper()
	servers := start(t, o)
	all := cases()
	rows := make([][]outcome, len(all))
	for i, c := range all {
		for _, s := range servers {
			rows[i] = append(rows[i], play(t, c, s, o.patience))
		}
		if got := rows[i][0]; !got.keeps(c) {
			failed = append(failed, fmt.Sprintf("%s: %s, promised is %v and nothing amiss at the service", c.name, got, c.status))
		}
	}
	return write(servers, all, rows), failed
}
