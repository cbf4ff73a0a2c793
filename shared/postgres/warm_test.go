package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/postgres"
)

// The connections that watch and listen are taken from the pool, so that it can
// be smaller than what was to be kept warm.
func TestAPoolOfWhichEveryConnectionIsKeptWarmStillAnswers(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) {
		c.MaxOpen, c.Warm, c.ConnMaxIdleTime = 4, 4, 60*time.Millisecond
	})
	e := listen(t, db, "births")
	receive(t, "it listens", e.connected)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond) // between them nothing is in use when a round of warming begins
	defer tick.Stop()
	for range 60 {
		<-tick.C
		if _, err := db.Primary().ExecContext(ctx, `SELECT 1`); err != nil {
			t.Fatal(err)
		}
	}
}
