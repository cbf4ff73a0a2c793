package notification

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// countersToMetrics shows operators what the application counts.
func (s *Service) countersToMetrics() {
	c := s.app.Counters()
	for _, m := range []struct {
		name, help string
		value      *atomic.Int64
	}{
		{"notifications_stored_total", "Notifications put into inboxes.", &c.Stored},
		{"notifications_repeated_total", "Repeats of stored notifications, left out.", &c.Repeated},
		{"notifications_delivered_total", "Notifications handed to sockets as they came.", &c.Delivered},
		{"notifications_repaired_total", "Notifications fetched from the store because a gap had shown.", &c.Repaired},
		{"notifications_replayed_total", "Notifications fetched from the store because a client resumed.", &c.Replayed},
		{"room_events_delivered_total", "Events of rooms handed to sockets.", &c.Happened},
		{"notifications_routed_signals_total", "Signals published to other instances.", &c.Routed},
		{"notifications_route_failures_total", "Batches that could not be published; sweepers find what was in them.", &c.RouteFailures},
		{"notifications_alert_failures_total", "Alerts that could not be raised.", &c.AlertFailures},
		{"notifications_ack_failures_total", "Acks that could not be noted.", &c.AckFailures},
		{"notifications_queue_overflows_total", "Errands dropped because too many waited.", &c.QueueOverflows},
		{"ws_crowded_total", "Sockets refused because too many come from their address.", &c.Crowded},
		{"ws_registry_ghosts_reaped_total", "Connections of dead instances removed from the registry.", &c.Reaped},
		{"notifications_purged_total", "Entries removed from inboxes because of their age.", &c.Purged},
		{"ws_registry_epochs_total", "Times that this instance registered all of its sockets anew.", &c.Epochs},
	} {
		s.config.Metrics.Registerer().MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: m.name, Help: m.help}, func() float64 { return float64(m.value.Load()) },
		))
	}
}
