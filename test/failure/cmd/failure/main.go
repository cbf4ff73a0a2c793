// Failure starts a stack, lets people use it, breaks it in turn or at random,
// and says whether every promise was kept.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/loveapp/backend/test/failure"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/stack"
)

func main() { program.Main("failure", command) }

// options are what the command line says.
type options struct {
	random            int
	seed              uint64
	cluster           bool
	callers, contacts int
	away              time.Duration
	report            string
	only              string
	logs              string
}

// kills is the one value of -only.
const kills = "kills"

// The crowds: of a run that people watch, and of one of kills alone, in which
// fifty call for help each second.
const (
	callers, contacts           = 20, 10
	callersOfKills, earsOfKills = 60, 40
)

func read(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("failure", flag.ContinueOnError)
	flags.IntVar(&o.random, "random", 0, "this many faults at random instead of each in turn")
	flags.StringVar(&o.only, "only", "", `"kills": nothing but kill -9, of processes, of primaries, and at points`)
	flags.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the random order; the same seed gives the same order") //nolint:gosec // any number will do
	flags.BoolVar(&o.cluster, "cluster", false, "Redis as a cluster of six")
	flags.IntVar(&o.callers, "callers", 0, fmt.Sprintf("people who call for help (%d, of kills alone %d)", callers, callersOfKills))
	flags.IntVar(&o.contacts, "contacts", 0, fmt.Sprintf("people who listen (%d, of kills alone %d)", contacts, earsOfKills))
	flags.DurationVar(&o.away, "away", 4*time.Second, "how long what is frozen, slow or cut off is so")
	flags.StringVar(&o.report, "report", "", "file for the report; else it is printed")
	flags.StringVar(&o.logs, "logs", "", "folder that the processes' logs are copied to at the end")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.only != "" && o.only != kills {
		return o, fmt.Errorf("-only takes %q, not %q", kills, o.only)
	}
	manyCallers, manyContacts := callers, contacts
	if o.only == kills {
		manyCallers, manyContacts = callersOfKills, earsOfKills
	}
	if o.callers == 0 {
		o.callers = manyCallers
	}
	if o.contacts == 0 {
		o.contacts = manyContacts
	}
	return o, nil
}

func command(ctx context.Context, args []string, out io.Writer) (err error) {
	o, err := read(args)
	if err != nil {
		return err
	}
	admin := failure.NewAdmin()
	env := admin.Env()
	if o.only == kills { // the phones of an hour are busier than any person's may be
		env = append(env, "RATE_LIMIT_SHORT=off", "RATE_LIMIT_MEDIUM=off", "RATE_LIMIT_LONG=off")
	}
	s, err := stack.Start(ctx, stack.Options{Cluster: o.cluster, Linked: !o.cluster, Failpoints: true, Env: env})
	if err != nil {
		return err
	}
	defer func() {
		if o.logs != "" {
			err = errors.Join(err, os.CopyFS(o.logs, os.DirFS(s.Logs())))
		}
		err = errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}()
	crowd := failure.Crowd{Callers: o.callers, Waiting: max(1, o.callers/4), Contacts: o.contacts, Every: 500 * time.Millisecond, Admin: admin}
	r, err := failure.New(ctx, s, crowd)
	if err != nil {
		return err
	}
	result, err := r.Do(ctx, crowd, plan(o))
	return errors.Join(err, publish(out, result, o))
}

func publish(out io.Writer, result *failure.Report, o options) error {
	text := result.Markdown()
	if o.random > 0 {
		text += fmt.Sprintf("\nSeed %d.\n", o.seed)
	}
	err := program.Publish(out, o.report, text)
	if broken := result.Broken(); len(broken) > 0 {
		err = errors.Join(err, fmt.Errorf("%d promises were broken", len(broken)))
	}
	return err
}

func plan(o options) []failure.Fault {
	dice := rand.New(rand.NewPCG(o.seed, 0)) //nolint:gosec // to be repeated, not to be secret
	if o.only == kills {
		return failure.Kills(max(o.random, 1), dice)
	}
	all := append(failure.InTurn(o.away), failure.AtPoints()...)
	if !o.cluster { // a cluster tells clients its nodes' own addresses, past every link
		all = append(all, failure.OnLinks(o.away)...)
	}
	if o.random == 0 {
		return all
	}
	faults := make([]failure.Fault, 0, o.random)
	for range o.random {
		faults = append(faults, all[dice.IntN(len(all))])
	}
	return faults
}
