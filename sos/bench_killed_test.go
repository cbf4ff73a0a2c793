package sos_test

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/eventually"
)

// BenchmarkTimersOfTheKilled is how late the steps of 10,000 open tickets with
// five contacts each are while one of the two processes that fire them is killed
// by kill -9: before that moment and after it. Run it with -benchtime=1x.
func BenchmarkTimersOfTheKilled(b *testing.B) {
	const (
		tickets = 10_000
		window  = 2 * time.Minute // over which their next steps are spread
		watch   = 40 * time.Second
	)
	w := newWorld(b)
	i := w.ready()
	ann := w.person(i, "Ann")
	for n := range 5 {
		ann.trusts(w.person(i, fmt.Sprint("contact", n)), "contact")
	}
	ann.opened(`{}`)
	i.stop()
	program := buildDeadly(b)
	doomed := w.launch(program)
	w.launch(program)
	b.ResetTimer()
	w.mustExec(cloneOpen, tickets, window.Seconds())
	var due int
	w.scan(`SELECT count(*) FROM sos.timers WHERE due_at < now() + make_interval(secs => $1)`, []any{watch.Seconds()}, &due)
	eventually.Within(w.tb, watch, "half of the steps are done", func() bool { return w.steps() >= due/2 })
	var killed time.Time
	w.scan(`SELECT clock_timestamp()`, nil, &killed)
	if err := doomed.child.Stop(context.Background(), time.Second, syscall.SIGKILL); err != nil {
		b.Log(err) // that it was killed
	}
	eventually.Within(w.tb, watch+time.Minute, "the steps are done", func() bool { return w.steps() >= due })
	b.StopTimer()
	w.lateness(b, "before", `at < $1`, killed)
	w.lateness(b, "after", `at >= $1`, killed)
}

func (w *world) steps() (done int) {
	w.tb.Helper()
	w.scan(`SELECT count(*) FROM sos.timeline WHERE kind = 'escalated'`, nil, &done)
	return done
}

// lateness reports what the steps fired at those moments say of themselves.
func (w *world) lateness(b *testing.B, name, when string, killed time.Time) {
	b.Helper()
	late := `SELECT count(*), coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), 0), coalesce(percentile_disc(0.99) WITHIN GROUP (ORDER BY ms), 0),
		coalesce(percentile_disc(0.999) WITHIN GROUP (ORDER BY ms), 0), coalesce(max(ms), 0), coalesce(100.0 * count(*) FILTER (WHERE ms <= 1000) / nullif(count(*), 0), 0)
		FROM (SELECT (data ->> 'lateByMs')::integer AS ms FROM sos.timeline WHERE kind = 'escalated' AND ` + when + `) AS steps`
	var n, p50, p99, p999, worst int
	var inASecond float64
	w.scan(late, []any{killed}, &n, &p50, &p99, &p999, &worst, &inASecond)
	b.ReportMetric(float64(n), name+"-steps")
	b.ReportMetric(float64(p50), name+"-late-p50-ms")
	b.ReportMetric(float64(p99), name+"-late-p99-ms")
	b.ReportMetric(float64(p999), name+"-late-p99.9-ms")
	b.ReportMetric(float64(worst), name+"-late-max-ms")
	b.ReportMetric(inASecond, name+"-%-within-1s")
}
