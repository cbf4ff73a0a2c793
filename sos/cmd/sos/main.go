// Command sos runs one copy of the sos service, or brings its database up to date.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/sos"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	c, err := sos.LoadConfig()
	var mistakes config.Mistakes
	mistakes.AddErr(err)
	mistakes.AddErr(c.Validate())
	if err := mistakes.Err(); err != nil {
		return err
	}
	switch {
	case len(args) == 0 || args[0] == "serve":
		service, err := sos.New(ctx, c)
		if err != nil {
			return err
		}
		return service.Run(ctx)
	case args[0] == "migrate":
		return sos.Migrate(ctx, c)
	case args[0] == "verify-timeline":
		return sos.VerifyTimelines(ctx, c, os.Stdout)
	case args[0] == "health":
		return healthy(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.SOSServicePort)))
	default:
		return fmt.Errorf("unknown command %q: use serve (the default), migrate, health or verify-timeline", args[0])
	}
}

// healthy asks the copy on this machine: for container health checks, whose images have no shell.
func healthy(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/health/ready", http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
