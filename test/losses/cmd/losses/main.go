// Losses starts a stack, sends notifications to people whose clients come and
// go, breaks it meanwhile, and says what was lost and what was seen twice.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/loveapp/backend/test/losses"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/stack"
)

func main() { program.Main("losses", command) }

func command(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("losses", flag.ContinueOnError)
	var o losses.Options
	flags.IntVar(&o.Users, "users", 200, "people, each with one client")
	flags.IntVar(&o.Total, "total", 100_000, "notifications to be accepted, at least")
	flags.IntVar(&o.Rate, "rate", 200, "notifications a second")
	flags.DurationVar(&o.Between, "between", 5*time.Second, "how long all is well before the next fault")
	away := flags.Duration("away", 4*time.Second, "how long what is frozen is so")
	cluster := flags.Bool("cluster", false, "Redis as a cluster of six")
	redis := flags.Bool("redis", false, "only faults of Redis, and only clients that stay where they are: how late is what")
	report := flags.String("report", "", "file for the report; else it is printed")
	if err := flags.Parse(args); err != nil {
		return err
	}
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
	err = errors.Join(err, program.Publish(out, *report, result.Markdown()))
	if len(result.Broken) > 0 {
		err = errors.Join(err, fmt.Errorf("%d promises were broken", len(result.Broken)))
	}
	return err
}
