package postgres_test

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/lib/pq"

	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/loveapp/backend/sos/internal/adapters/postgres"
)

// The planner has seen an outbox in which everything was delivered, and then a
// catastrophe happens. It must not go through all that waits for each alert.
func TestTheOutboxStaysCheapWhileManyAlertsWait(t *testing.T) {
	t.Parallel()
	c := fresh(t)
	admin := pgtest.Admin(t, c)
	_, db := openBoth(t, c, patience) // plans as the service does
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
	ids, fates, pauses := make(pq.Int64Array, 100), make(pq.StringArray, 100), make(pq.Float64Array, 100)
	for i := range ids {
		ids[i], fates[i] = int64(20001+i), "delivered"
	}
	for name, statement := range map[string][]any{
		"claim":  {postgres.ClaimAlerts, 100, "a lease", 30},
		"settle": {postgres.SettleAlerts, "a lease", ids, fates, pauses},
	} {
		var text string
		if err := db.Primary().GetContext(t.Context(), &text, `EXPLAIN (ANALYZE, FORMAT JSON) `+statement[0].(string), statement[1:]...); err != nil {
			t.Fatal(err)
		}
		for _, removed := range regexp.MustCompile(`"Rows Removed by [^"]+": (\d+)`).FindAllStringSubmatch(text, -1) {
			if n, err := strconv.Atoi(removed[1]); err != nil || n > 1000 {
				t.Errorf("%s to %s 100 alerts:\n%s", removed[0], name, text)
			}
		}
	}
}
