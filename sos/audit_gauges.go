package sos

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/sos/internal/ports"
)

// auditGauges show what the auditor has found; every instance shows the same.
type auditGauges struct {
	violations *prometheus.GaugeVec
	waiting    prometheus.Gauge
	oldest     prometheus.Gauge
	last       prometheus.Gauge
}

func newAuditGauges(r prometheus.Registerer) (auditGauges, error) {
	g := auditGauges{
		violations: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sos_audit_violations", Help: "What must never be, by check; anything but 0 needs a person: " +
				"open_ticket_without_timer, timer_overdue (2 s), alert_stuck (due for 5 s, in nobody's hands), alert_parked (of an open ticket), event_undelivered.",
		}, []string{"check"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: "sos_alerts_waiting", Help: "Alerts that are not handed over yet."}),
		oldest:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "sos_alert_oldest_seconds", Help: "How long the oldest of them waits."}),
		last:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "sos_audit_timestamp_seconds", Help: "When the auditor last looked: old is as bad as a violation."}),
	}
	var errs []error
	for _, c := range []prometheus.Collector{g.violations, g.waiting, g.oldest, g.last} {
		errs = append(errs, r.Register(c))
	}
	return g, errors.Join(errs...)
}

func (g auditGauges) show(found ports.Findings) {
	for check, n := range found.Checks() {
		g.violations.WithLabelValues(check).Set(float64(n))
	}
	g.waiting.Set(float64(found.Waiting))
	g.oldest.Set(found.OldestAlertWaiting.Seconds())
	g.last.SetToCurrentTime()
}
