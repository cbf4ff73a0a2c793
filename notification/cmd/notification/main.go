// Command notification runs one instance of the notification service, brings
// its database up to date, shows who is connected or what is missing, or makes keys
// for Web Push.
package main

import (
	"context"
	"io"

	"github.com/loveapp/backend/notification"
	"github.com/loveapp/backend/shared/program"
)

func main() { service().Main() }

func service() program.Program[notification.Config] {
	return program.Program[notification.Config]{
		Load:  notification.LoadConfig,
		Serve: serve,
		Port:  func(c notification.Config) int { return c.NotificationServicePort },
		Commands: map[string]func(context.Context, notification.Config, io.Writer) error{
			"migrate": func(ctx context.Context, c notification.Config, _ io.Writer) error {
				return notification.Migrate(ctx, c)
			},
			"connections": notification.ListConnections,
			"loss-audit":  notification.LossAudit,
		},
		Makers: map[string]func(io.Writer) error{"vapid": notification.PrintVAPIDKeys},
	}
}

func serve(ctx context.Context, c notification.Config) error {
	running, err := notification.New(ctx, c)
	if err != nil {
		return err
	}
	return running.Run(ctx)
}
