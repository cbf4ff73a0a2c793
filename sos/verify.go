package sos

import (
	"context"
	"errors"
	"fmt"
	"io"

	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// ErrTimelineChanged: a timeline is not what was sealed.
var ErrTimelineChanged = errors.New("sos: timelines were changed after they were sealed")

// VerifyTimelines holds every timeline against its seals and writes a line for
// each that does not fit, and how many it has looked at. It fails with
// ErrTimelineChanged where one does not.
func VerifyTimelines(ctx context.Context, c Config, out io.Writer) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	pulse := &postgres.Pulse{}
	settings := database.FromInfra(c.Infra, postgres.Schema, c.withDefaults().Logger)
	settings.Observe = pulse.Observe
	db, err := database.Open(ctx, settings)
	if err != nil {
		return fmt.Errorf("sos: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	store, err := postgres.NewStore(postgres.Config{DB: db, Pulse: pulse})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	changed := 0
	tickets, err := app.VerifyTimelines(ctx, store, func(broken *domain.BrokenSealError) {
		changed++
		_, _ = fmt.Fprintln(out, broken) // what counts is how it ends
	})
	if err != nil {
		return fmt.Errorf("sos: %w", err)
	}
	_, _ = fmt.Fprintf(out, "%d timelines, %d changed after they were sealed\n", tickets, changed)
	if changed > 0 {
		return ErrTimelineChanged
	}
	return nil
}
