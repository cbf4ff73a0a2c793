package postgres_test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// The planner has seen an outbox in which everything was delivered, and then a
// catastrophe happens. It must not go through all that waits for each alert.
func TestAClaimStaysCheapWhileManyAlertsWait(t *testing.T) {
	t.Parallel()
	admin := pgtest.Admin(t, fresh(t))
	exec := func(statement string) {
		t.Helper()
		if _, err := admin.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	const letters = `INSERT INTO outbox (ticket_id, recipient, seq, alert, fate, settled_at)
		SELECT gen_random_uuid(), 'somebody', 1, '{}', `
	exec(`ALTER TABLE outbox DROP CONSTRAINT outbox_ticket_id_fkey`) // whose alerts they are does not matter
	exec(letters + `'delivered', now() FROM generate_series(1, 20000)`)
	exec(`ANALYZE outbox`)
	exec(letters + `NULL, NULL FROM generate_series(1, 1000)`)
	var text string
	explain := admin.QueryRowContext(t.Context(), `EXPLAIN (ANALYZE, FORMAT JSON) `+postgres.ClaimAlerts, 100, "a lease", 30)
	if err := explain.Scan(&text); err != nil {
		t.Fatal(err)
	}
	for _, removed := range regexp.MustCompile(`"Rows Removed by [^"]+": (\d+)`).FindAllStringSubmatch(text, -1) {
		if n, err := strconv.Atoi(removed[1]); err != nil || n > 1000 {
			t.Errorf("%s to claim 100 alerts:\n%s", removed[0], text)
		}
	}
}
