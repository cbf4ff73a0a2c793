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

// barrierBuckets in seconds: a standby beside takes about a millisecond, and nobody waits beyond 0.7.
var barrierBuckets = []float64{.001, .002, .005, .01, .02, .05, .1, .2, .4, .7, 1, 2, 5, 10, 60}

// begin counts from nought: of a counter that appears with the first event, that
// event is seen by no alert.
func begin[M any](meters interface{ WithLabelValues(values ...string) M }, values ...string) {
	for _, value := range values {
		meters.WithLabelValues(value)
	}
}

// newTelemetry registers what operators watch; canaried tells whether a canary runs.
func newTelemetry(r prometheus.Registerer, canaried bool) (app.Telemetry, error) {
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
	promises := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sos_trigger_durability_total", Help: "Presses that were taken, by what they survive: replicated, local, unconfirmed (202, or 200 where it merged).",
	}, []string{"durability"})
	barrier := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sos_barrier_seconds", Help: "How long the standbys took to confirm a round of presses, by whether anybody still waited (in_time, late).", Buckets: barrierBuckets,
	}, []string{"outcome"})
	batch := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sos_barrier_presses", Help: "How many presses shared one round of the barrier.", Buckets: prometheus.ExponentialBuckets(1, 2, 10),
	})
	audit, err := newAuditGauges(r)
	if err != nil {
		return app.Telemetry{}, err
	}
	canary := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sos_canary_seconds", Help: "How long a canary drill took until every alarm was handed over, by its result: delivered, nobody, late, refused.", Buckets: lagBuckets,
	}, []string{"result"})
	var errs []error
	for _, c := range []prometheus.Collector{canary, promises, barrier, batch, triggers, lag, parked, retried, late} {
		errs = append(errs, r.Register(c))
	}
	begin(triggers, "opened", "merged", "replayed", "refused")
	begin(promises, string(domain.Replicated), string(domain.Local), string(domain.Unconfirmed))
	begin(late, string(domain.TimerCountdown), string(domain.TimerEscalation), string(domain.TimerAckExpiry), string(domain.TimerNoShow))
	begin(barrier, "in_time", "late")
	if canaried {
		begin(canary, "delivered", "nobody", "late", "refused")
	}
	return app.Telemetry{
		Promised: func(d domain.Durability) { promises.WithLabelValues(string(d)).Inc() },
		Confirmed: func(presses int, took time.Duration, inTime bool) {
			outcome := "late"
			if inTime {
				outcome = "in_time"
			}
			barrier.WithLabelValues(outcome).Observe(took.Seconds())
			batch.Observe(float64(presses))
		},
		Triggered: func(result string) { triggers.WithLabelValues(result).Inc() },
		Delivered: func(d time.Duration) { lag.Observe(d.Seconds()) },
		Parked:    parked.Inc,
		Audited:   audit.show,
		Canary:    func(result string, d time.Duration) { canary.WithLabelValues(result).Observe(d.Seconds()) },
		Retried:   func(n int) { retried.Add(float64(n)) },
		Fired:     func(kind domain.TimerKind, d time.Duration) { late.WithLabelValues(string(kind)).Observe(d.Seconds()) },
	}, errors.Join(errs...)
}
