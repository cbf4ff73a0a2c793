// Command sos runs one copy of the sos service, brings its database up to date, or
// holds its timelines against their seals.
package main

import (
	"context"
	"io"

	"github.com/loveapp/backend/shared/program"
	"github.com/loveapp/backend/sos"
)

func main() { service().Main() }

func service() program.Program[sos.Config] {
	return program.Program[sos.Config]{
		Load:  sos.LoadConfig,
		Serve: serve,
		Port:  func(c sos.Config) int { return c.SOSServicePort },
		Commands: map[string]func(context.Context, sos.Config, io.Writer) error{
			"migrate":         func(ctx context.Context, c sos.Config, _ io.Writer) error { return sos.Migrate(ctx, c) },
			"verify-timeline": sos.VerifyTimelines,
		},
	}
}

func serve(ctx context.Context, c sos.Config) error {
	running, err := sos.New(ctx, c)
	if err != nil {
		return err
	}
	return running.Run(ctx)
}
