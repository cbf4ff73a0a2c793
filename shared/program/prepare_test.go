package program_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/program"
)

func TestAServiceWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began, tries := time.Now(), 0
		start := program.Start{Logger: slog.New(slog.DiscardHandler), Prepare: func(context.Context) error {
			if tries++; tries < 7 {
				return errors.New("away")
			}
			return nil
		}}
		if !start.Wait(t.Context()) || tries != 7 {
			t.Fatalf("it gave up after %d tries", tries)
		}
		if waited, want := time.Since(began), (250+500+1000+2000+4000+5000)*time.Millisecond; waited != want {
			t.Errorf("it waited %s between its tries, wanted %s", waited, want)
		}
	})
}

func TestAStartThatIsEndedIsNoStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := program.Start{Logger: slog.New(slog.DiscardHandler), Prepare: func(context.Context) error { return errors.New("away") }}
		if start.Wait(ctx) {
			t.Error("it says that it is ready")
		}
	})
}
