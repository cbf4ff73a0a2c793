package sos_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
)

// cloneOpen makes n open tickets like the only one there is, whose next step is
// due at a moment of the window that begins in a second.
const cloneOpen = `
	WITH one AS (SELECT priority, emergency_type, escalation FROM sos.tickets LIMIT 1),
	made AS (
		SELECT gen_random_uuid() AS id, n, now() + interval '1 second' + random() * make_interval(secs => $2) AS due FROM generate_series(1, $1::integer) n
	), stored AS (
		INSERT INTO sos.tickets (id, reporter_id, reporter_name, status, priority, emergency_type, description, address, silent, drill, alarmed_at,
			escalation_level, escalation, created_at, updated_at, version, last_seq)
		SELECT made.id, 'user' || n, '', 'pending', priority, emergency_type, '', '', false, false, now(), 2,
			escalation || jsonb_build_object('level', 2, 'round', 1, 'due', to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
			now(), now(), 1, 2
		FROM made, one
	), helped AS (
		INSERT INTO sos.helpers (ticket_id, position, contact_id, user_id, name)
		SELECT made.id, position, contact_id, user_id || (n % 1000), name FROM made, sos.helpers
	), trusted AS (
		INSERT INTO sos.contacts (id, owner_id, name, email, phone, priority, locale, status, user_id, created_at, updated_at)
		SELECT gen_random_uuid(), 'user' || n, h.name, '', '', 1, '', 'active', h.user_id || (n % 1000), now(), now() FROM made, sos.helpers h
	)
	INSERT INTO sos.timers (ticket_id, kind, level, round, due_at) SELECT id, 'escalation', 2, 1, due FROM made`

// BenchmarkTimers is how late the steps of 10,000 open tickets with five contacts
// each are, on two instances: as many as repeat every two minutes for ever, and
// a thousand at once. Run it with -benchtime=1x.
func BenchmarkTimers(b *testing.B) {
	for name, tc := range map[string]struct {
		tickets int
		window  time.Duration // over which their next steps are spread
		watch   time.Duration
	}{
		"10000 open":           {10_000, 2 * time.Minute, 40 * time.Second},
		"1000 due in a second": {1000, time.Second, 2 * time.Second},
	} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			i := w.ready()
			w.ready()
			ann := w.person(i, "Ann")
			for n := range 5 {
				ann.trusts(w.person(i, fmt.Sprint("contact", n)), "contact")
			}
			ann.opened(`{}`)
			b.ResetTimer()
			w.mustExec(cloneOpen, tc.tickets, tc.window.Seconds())
			var due int
			w.scan(`SELECT count(*) FROM sos.timers WHERE due_at < now() + make_interval(secs => $1)`, []any{tc.watch.Seconds()}, &due)
			eventually.Within(w.tb, tc.watch+time.Minute, "the steps are done", func() bool {
				var done int
				w.scan(`SELECT count(*) FROM sos.timeline WHERE kind = 'escalated'`, nil, &done)
				return done >= due
			})
			b.StopTimer()
			const late = `SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.999) WITHIN GROUP (ORDER BY ms), max(ms)
				FROM (SELECT (data ->> 'lateByMs')::integer AS ms FROM sos.timeline WHERE kind = 'escalated') AS steps`
			var n, p50, p999, worst int
			w.scan(late, nil, &n, &p50, &p999, &worst)
			b.ReportMetric(float64(n), "steps")
			b.ReportMetric(float64(p50), "late-p50-ms")
			b.ReportMetric(float64(p999), "late-p99.9-ms")
			b.ReportMetric(float64(worst), "late-max-ms")
		})
	}
}

func (w *world) mustExec(statement string, args ...any) {
	w.tb.Helper()
	if _, err := w.admin.Exec(statement, args...); err != nil {
		w.tb.Fatal(err)
	}
}

func (w *world) scan(query string, args []any, into ...any) {
	w.tb.Helper()
	if err := w.admin.QueryRow(query, args...).Scan(into...); err != nil {
		w.tb.Fatal(err)
	}
}
