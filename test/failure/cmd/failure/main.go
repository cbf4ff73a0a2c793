// Failure starts a stack, lets people use it, breaks it in turn or at random,
// and says whether every promise was kept.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/loveapp/backend/test/failure"
	"github.com/loveapp/backend/test/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "failure:", err)
		os.Exit(1) //nolint:gocritic // stop only restores the signals' defaults
	}
}

func run(ctx context.Context) (err error) {
	random := flag.Int("random", 0, "this many faults at random instead of each in turn")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of the random order; the same seed gives the same order") //nolint:gosec // any number will do
	cluster := flag.Bool("cluster", false, "Redis as a cluster of six")
	callers := flag.Int("callers", 20, "people who call for help")
	contacts := flag.Int("contacts", 10, "people who listen")
	away := flag.Duration("away", 4*time.Second, "how long what is frozen, slow or cut off is so")
	report := flag.String("report", "", "file for the report; else it is printed")
	flag.Parse()

	admin := failure.NewAdmin()
	s, err := stack.Start(ctx, stack.Options{PortBase: 17400, Cluster: *cluster, Linked: !*cluster, Failpoints: true, Env: admin.Env()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) }()
	crowd := failure.Crowd{Callers: *callers, Waiting: max(1, *callers/4), Contacts: *contacts, Every: 500 * time.Millisecond, Admin: admin}
	r, err := failure.New(ctx, s, crowd)
	if err != nil {
		return err
	}
	result, err := r.Do(ctx, crowd, plan(*random, *seed, *cluster, *away))
	text := result.Markdown()
	if *random > 0 {
		text += fmt.Sprintf("\nSeed %d.\n", *seed)
	}
	if *report != "" {
		err = errors.Join(err, os.WriteFile(*report, []byte(text), 0o600))
	} else {
		_, _ = fmt.Fprint(os.Stdout, text)
	}
	if broken := result.Broken(); len(broken) > 0 {
		err = errors.Join(err, fmt.Errorf("%d promises were broken", len(broken)))
	}
	return err
}

func plan(count int, seed uint64, cluster bool, away time.Duration) []failure.Fault {
	all := append(failure.InTurn(away), failure.AtPoints()...)
	if !cluster { // a cluster tells clients its nodes' own addresses, past every link
		all = append(all, failure.OnLinks(away)...)
	}
	if count == 0 {
		return all
	}
	dice := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // to be repeated, not to be secret
	faults := make([]failure.Fault, 0, count)
	for range count {
		faults = append(faults, all[dice.IntN(len(all))])
	}
	return faults
}
