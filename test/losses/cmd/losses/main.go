// Losses starts a stack, sends notifications to people whose clients come and
// go, breaks it meanwhile, and says what was lost and what was seen twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/loveapp/backend/test/losses"
	"github.com/loveapp/backend/test/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "losses:", err)
		os.Exit(1) //nolint:gocritic // stop only restores the signals' defaults
	}
}

func run(ctx context.Context) (err error) {
	var o losses.Options
	flag.IntVar(&o.Users, "users", 200, "people, each with one client")
	flag.IntVar(&o.Total, "total", 100_000, "notifications to be accepted, at least")
	flag.IntVar(&o.Rate, "rate", 200, "notifications a second")
	flag.DurationVar(&o.Between, "between", 5*time.Second, "how long all is well before the next fault")
	away := flag.Duration("away", 4*time.Second, "how long what is frozen is so")
	cluster := flag.Bool("cluster", false, "Redis as a cluster of six")
	redis := flag.Bool("redis", false, "only faults of Redis, and only clients that stay where they are: how late is what")
	report := flag.String("report", "", "file for the report; else it is printed")
	flag.Parse()
	if o.Users < 1 || o.Rate < 1 {
		return errors.New("-users and -rate must be above 0")
	}
	o.Faults = losses.Faults(*away)
	if *redis {
		o.Faults, o.Steady = losses.OfRedis(*away), true
	}

	s, err := stack.Start(ctx, stack.Options{Cluster: *cluster, Env: losses.Env()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(ctx))) }()
	result, err := losses.Run(ctx, s, o)
	if result == nil {
		return err
	}
	if *report != "" {
		err = errors.Join(err, os.WriteFile(*report, []byte(result.Markdown()), 0o600))
	} else {
		_, _ = fmt.Fprint(os.Stdout, result.Markdown())
	}
	if len(result.Broken) > 0 {
		err = errors.Join(err, fmt.Errorf("%d promises were broken", len(result.Broken)))
	}
	return err
}
