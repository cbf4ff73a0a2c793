package embedded_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/embedded"
	"github.com/loveapp/backend/shared/postgres"
)

func TestAReplicaShowsWhatItsPrimaryWritesAndTakesNoWrites(t *testing.T) {
	t.Parallel()
	primary := start(t, t.TempDir())
	if err := write(t.Context(), diary(primary), "before the copy"); err != nil {
		t.Fatal(err)
	}
	replica, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: t.TempDir(), Follow: primary, Logger: quietly()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, replica) })
	if err := write(t.Context(), diary(primary), "after it"); err != nil {
		t.Fatal(err)
	}
	awaitNotes(t, diary(replica), []string{"after it", "before the copy"})
	if err := write(t.Context(), diary(replica), "refused"); err == nil {
		t.Error("the replica took a write")
	}
}

// awaitNotes polls: what the primary has committed reaches a replica a moment later.
func awaitNotes(t *testing.T, c postgres.Config, want []string) {
	t.Helper()
	login, err := postgres.OpenLogin(c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = login.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var got []string
		rows, err := login.QueryContext(ctx, `SELECT note FROM diary.notes ORDER BY note`)
		for err == nil && rows.Next() {
			var note string
			err = rows.Scan(&note)
			got = append(got, note)
		}
		if err == nil && rows.Err() == nil && slices.Equal(got, want) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the replica shows %q, %v", got, err)
		}
	}
}
