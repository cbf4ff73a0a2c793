// Command auth runs one copy of the auth service, or brings its database up to date.
package main

import (
	"context"
	"io"
	"os"

	"github.com/loveapp/backend/auth"
	"github.com/loveapp/backend/shared/program"
)

func main() { service().Main() }

func service() program.Program[auth.Config] {
	return program.Program[auth.Config]{
		Load:  auth.LoadConfig,
		Serve: serve,
		Port:  func(c auth.Config) int { return c.AuthServicePort },
		Commands: map[string]func(context.Context, auth.Config, io.Writer) error{
			"migrate": func(ctx context.Context, c auth.Config, _ io.Writer) error { return auth.Migrate(ctx, c) },
		},
		Errands: map[string]func(context.Context, auth.Config, []string, io.Writer) error{
			"audit verify": func(ctx context.Context, c auth.Config, _ []string, out io.Writer) error {
				return auth.VerifyAudit(ctx, c, out)
			},
			"admin create": func(ctx context.Context, c auth.Config, args []string, out io.Writer) error {
				return auth.CreateAdmin(ctx, c, args, os.Stdin, out)
			},
		},
	}
}

func serve(ctx context.Context, c auth.Config) error {
	running, err := auth.New(ctx, c)
	if err != nil {
		return err
	}
	return running.Run(ctx)
}
