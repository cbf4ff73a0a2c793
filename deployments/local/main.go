// Stack runs the whole backend on one machine the way production does, without
// containers: PostgreSQL with two replicas, Redis or a Redis cluster, several
// instances of every service, and nginx.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/loveapp/backend/deployments/local/internal/topology"
)

const usage = `usage: stack up|down|status|signal|arm|flushall|ask|logs|redis|psql [flags]
  up      [-dir .stack] [-redis single|cluster] [-port-base 13000] [-port 8080] [-linked] [-sync=false]
  down    [-dir .stack]
  status  [-dir .stack] [-json]
  signal  [-dir .stack] NAME KILL|STOP|CONT|TERM|…
  arm     [-dir .stack] NAME POINT:N  starts a service anew to die at that failpoint (shared/failpoint), where it is built for it
  flushall [-dir .stack]  empties Redis, as a fault
  ask     [the flags of up] NAME COMMAND  runs another command of a service's program, as that service is configured
  logs    [-dir .stack] [-f] NAME  prints its log; with -f the last lines, and what comes
  redis   [-dir .stack] [COMMAND …]  redis-cli at a healthy node; without a command: cluster info, or info of a single node
  psql    [-dir .stack] [SQL]  psql at the primary; without a statement: its prompt`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "stack:", err)
		os.Exit(1) //nolint:gocritic // stop only restores the signals' defaults
	}
}

type options struct {
	dir, redis     string
	portBase, port int
	json, linked   bool
	sync, follow   bool
	args           []string
}

func run(ctx context.Context, args []string) error {
	commands := map[string]func(context.Context, options) error{
		"up": up, "supervise": supervise, "down": down, "status": status, "signal": send, "arm": arm, "flushall": flushAll, "ask": ask, "logs": logs,
		"redis": askRedis, "psql": askPostgres,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		return errors.New(usage)
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return commands[args[0]](ctx, o)
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("stack "+args[0], flag.ContinueOnError)
	flags.StringVar(&o.dir, "dir", ".stack", "folder for data, logs and secrets")
	flags.StringVar(&o.redis, "redis", "single", "single, or cluster for six nodes")
	flags.IntVar(&o.portBase, "port-base", topology.DefaultPortBase, "first port of the block of 200 for everything but nginx")
	flags.IntVar(&o.port, "port", topology.DefaultPort, "nginx's port; 0 puts it into the block")
	flags.BoolVar(&o.linked, "linked", false, "services reach PostgreSQL and Redis 100 ports higher, and sos reaches notification 140 higher, where a test relays")
	flags.BoolVar(&o.sync, "sync", true, "a call for help counts as replicated only when a standby has it; off, none ever does")
	flags.BoolVar(&o.follow, "f", false, "print the last lines of a log, and what comes")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	if err := flags.Parse(args[1:]); err != nil {
		return o, err
	}
	if o.redis != "single" && o.redis != "cluster" {
		return o, errors.New("-redis must be single or cluster")
	}
	if o.linked && o.redis == "cluster" {
		return o, errors.New("-linked needs -redis single: a cluster tells clients its nodes' own addresses")
	}
	o.args = flags.Args()
	return o, nil
}
