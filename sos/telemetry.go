package sos

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
)

// lagBuckets in seconds stand around what an alarm may take: 150 and 300 ms, and
// what an outage costs.
var lagBuckets = []float64{.005, .01, .02, .05, .1, .15, .3, .5, 1, 2.5, 5, 10, 30, 60, 300}

// newTelemetry registers what operators watch.
func newTelemetry(r prometheus.Registerer) (app.Telemetry, error) {
	triggers := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sos_triggers_total", Help: "Presses of the button, by what became of them: opened, merged, replayed, refused.",
	}, []string{"result"})
	lag := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sos_alert_lag_seconds", Help: "From an alert's commit to the notification service's word that it has it.", Buckets: lagBuckets,
	})
	parked := prometheus.NewCounter(prometheus.CounterOpts{Name: "sos_alerts_parked_total", Help: "Alerts that were refused for good; each needs a person to look at it."})
	retried := prometheus.NewCounter(prometheus.CounterOpts{Name: "sos_alerts_retried_total", Help: "Alerts that could not be handed over and are sent again."})
	late := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sos_timer_lateness_seconds", Help: "How long after its time a timer ended, by its kind: countdown, escalation, ack_expiry, no_show.", Buckets: lagBuckets,
	}, []string{"kind"})
	var errs []error
	for _, c := range []prometheus.Collector{triggers, lag, parked, retried, late} {
		errs = append(errs, r.Register(c))
	}
	return app.Telemetry{
		Triggered: func(result string) { triggers.WithLabelValues(result).Inc() },
		Delivered: func(d time.Duration) { lag.Observe(d.Seconds()) },
		Parked:    parked.Inc,
		Retried:   func(n int) { retried.Add(float64(n)) },
		Fired:     func(kind domain.TimerKind, d time.Duration) { late.WithLabelValues(string(kind)).Observe(d.Seconds()) },
	}, errors.Join(errs...)
}
