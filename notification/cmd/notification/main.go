// Command notification runs one instance of the notification service, brings
// its database up to date, or shows who is connected.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := notification.LoadConfig()
	var mistakes config.Mistakes
	mistakes.AddErr(err)
	mistakes.AddErr(c.Validate())
	if err := mistakes.Err(); err != nil {
		return err
	}
	switch {
	case len(args) == 0 || args[0] == "serve":
		service, err := notification.New(ctx, c)
		if err != nil {
			return err
		}
		return service.Run(ctx)
	case args[0] == "migrate":
		return notification.Migrate(ctx, c)
	case args[0] == "health":
		return healthy(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.NotificationServicePort)))
	case args[0] == "connections":
		return notification.ListConnections(ctx, c, out)
	default:
		return fmt.Errorf("unknown command %q: use serve (the default), migrate, health or connections", args[0])
	}
}

// healthy asks the instance on this machine: for container health checks, whose images have no shell.
func healthy(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/health/ready", http.NoBody)
	if err != nil {
		return err
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
