package notification

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/domain"
)

// sendMeters are what operators see of messages beside the sockets.
type sendMeters struct {
	hops       *prometheus.CounterVec
	late       prometheus.Histogram
	deliveries *prometheus.CounterVec
	breakers   *prometheus.GaugeVec
}

// lateBuckets in seconds stand around 1 s, which a hop may be late.
var lateBuckets = []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 15, 60}

func newSendMeters(registry prometheus.Registerer) *sendMeters {
	m := &sendMeters{
		hops: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "notification_hops_total", Help: "Steps of the escalation that led somewhere, by channel.",
		}, []string{"channel"}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "notification_hop_lateness_seconds", Help: "From when a step was due to when it was fired.", Buckets: lateBuckets,
		}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "notification_delivery_attempts_total", Help: "Attempts to hand a message to a provider, by what came of it: sent, waiting (to be tried again), dead (a dead letter), gone, expired.",
		}, []string{"provider", "outcome"}),
		breakers: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "notification_provider_breaker_open", Help: "1 while a provider that keeps failing is left alone; for webpush, any of the push services.",
		}, []string{"provider"}),
	}
	registry.MustRegister(m.hops, m.late, m.deliveries, m.breakers)
	for _, step := range []domain.Channel{domain.Push, domain.SMS, domain.Email} {
		m.hops.WithLabelValues(string(step))
	}
	return m
}

// begin counts a provider's messages from nought: of a counter that appears with
// the first dead letter, that letter is not seen.
func (m *sendMeters) begin(provider domain.Provider) {
	for _, state := range []domain.DeliveryState{domain.Sent, domain.Waiting, domain.Dead, domain.Removed, domain.Expired} {
		m.deliveries.WithLabelValues(string(provider), string(state))
	}
	m.breakers.WithLabelValues(string(provider))
}

func (m *sendMeters) telemetry() app.Telemetry {
	return app.Telemetry{
		Hop: func(step domain.Channel, late time.Duration) {
			m.hops.WithLabelValues(string(step)).Inc()
			m.late.Observe(late.Seconds())
		},
		Delivery: func(provider domain.Provider, outcome domain.Outcome) {
			m.deliveries.WithLabelValues(string(provider), string(outcome.State)).Inc()
		},
	}
}

func (m *sendMeters) breakerChanged(provider domain.Provider, open bool) {
	value := 0.0
	if open {
		value = 1
	}
	m.breakers.WithLabelValues(string(provider)).Set(value)
}
