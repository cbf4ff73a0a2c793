// Package program is what the programs of all services do alike: read the
// settings, run one of their commands until they are told to stop, and say in
// one sentence why they could not.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/fault"
)

// Config is what a service reads from the environment.
type Config interface{ Validate() error }

// Program is a service as its operators start it.
type Program[C Config] struct {
	// Load reads the environment; it may judge the form only.
	Load func() (C, error)
	// Serve runs one copy until ctx ends: the command serve, and no command at all.
	Serve func(ctx context.Context, c C) error
	// Port is where a copy on this machine answers: the command health asks it.
	Port func(c C) int
	// Commands are what else it can do, by name; out is the standard output.
	Commands map[string]func(ctx context.Context, c C, out io.Writer) error
	// Errands are commands of two words, such as "audit verify"; they get the words behind.
	Errands map[string]func(ctx context.Context, c C, args []string, out io.Writer) error
	// Makers make what goes into the settings, such as a pair of keys, and so run
	// before there are any.
	Makers map[string]func(out io.Writer) error
}

// Main runs the command that the process was started with, and ends the process
// with code 1 where that fails.
func (p Program[C]) Main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := p.Run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run does what args ask for. Every mistake in the settings is named at once.
func (p Program[C]) Run(ctx context.Context, args []string, out io.Writer) error {
	return forOperators(p.run(ctx, args, out))
}

// forOperators leaves out what clients are told where a store does not answer:
// whoever starts a program wants the cause.
func forOperators(err error) error {
	if told, ok := errors.AsType[*fault.Error](err); ok && told.Kind == fault.Unavailable && told.Unwrap() != nil {
		return fmt.Errorf("a store cannot be used, see DATABASE_HOST and REDIS_HOST: %w", told.Unwrap())
	}
	return err
}

func (p Program[C]) run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 && p.Makers[args[0]] != nil {
		return p.Makers[args[0]](out)
	}
	c, err := p.Load()
	var mistakes config.Mistakes
	mistakes.AddErr(err)
	mistakes.AddErr(c.Validate())
	if err := mistakes.Err(); err != nil {
		return err
	}
	if len(args) == 0 || args[0] == "serve" {
		return p.Serve(ctx, c)
	}
	if args[0] == "health" {
		return healthy(ctx, p.Port(c))
	}
	if len(args) > 1 {
		if errand, known := p.Errands[args[0]+" "+args[1]]; known {
			return errand(ctx, c, args[2:], out)
		}
	}
	command, known := p.Commands[args[0]]
	if !known {
		names := append([]string{"health"}, slices.Sorted(maps.Keys(p.Commands))...)
		names = append(names, slices.Sorted(maps.Keys(p.Errands))...)
		names = append(names, slices.Sorted(maps.Keys(p.Makers))...)
		return fmt.Errorf("unknown command %q: use serve (the default), %s", args[0], strings.Join(names, ", "))
	}
	return command(ctx, c, out)
}

// healthTime is less than what container engines give a health check.
const healthTime = 3 * time.Second

// healthy asks the copy on this machine: for container health checks, whose
// images have no shell.
func healthy(ctx context.Context, port int) error {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	url := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/health/ready"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
