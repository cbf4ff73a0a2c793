package wsapi

import (
	"strconv"
	"time"

	"github.com/gobwas/ws"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// lagBuckets in seconds stand around 5 and 20 ms, the goals from commit to socket.
var lagBuckets = []float64{.001, .0025, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5}

// meters are what operators see of the sockets.
type meters struct {
	authenticated prometheus.Gauge
	streams       prometheus.Gauge
	received      prometheus.Counter
	frames        prometheus.Counter
	dead          prometheus.Counter
	closes        *prometheus.CounterVec
	lag           prometheus.Histogram
}

func newMeters(registry prometheus.Registerer, s *Server) *meters {
	m := &meters{
		authenticated: prometheus.NewGauge(prometheus.GaugeOpts{Name: "ws_authenticated_connections", Help: "Sockets of known users."}),
		streams:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "events_connections", Help: "Open streams of server-sent events; among the sockets."}),
		received:      prometheus.NewCounter(prometheus.CounterOpts{Name: "ws_messages_received_total", Help: "Messages from clients."}),
		frames:        prometheus.NewCounter(prometheus.CounterOpts{Name: "ws_messages_sent_total", Help: "Messages to clients about their inboxes."}),
		dead:          prometheus.NewCounter(prometheus.CounterOpts{Name: "ws_dead_peers_total", Help: "Sockets cut because nothing was heard of them."}),
		closes:        prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ws_closes_total", Help: "Close frames sent, by code."}, []string{"code"}),
		lag:           prometheus.NewHistogram(prometheus.HistogramOpts{Name: "ws_delivery_lag_seconds", Help: "From storing a notification to its socket, live ones only.", Buckets: lagBuckets}),
	}
	for _, code := range []ws.StatusCode{ws.StatusGoingAway, ws.StatusInternalServerError, statusTryAgainLater, statusTooSlow} {
		m.closes.WithLabelValues(strconv.Itoa(int(code))) // from nought: an alert sees the first one, too
	}
	registry.MustRegister(
		m.authenticated, m.streams, m.received, m.frames, m.dead, m.closes, m.lag,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ws_connections", Help: "Open sockets."}, func() float64 { return float64(s.count()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ws_waiting_bytes", Help: "Bytes that wait for slow clients."}, func() float64 { return float64(s.waiting.used.Load()) }),
	)
	return m
}

func (m *meters) sent(out *ports.Outgoing) {
	m.frames.Inc()
	if n, ok := out.Message.(domain.Notified); ok && out.Live {
		m.lag.Observe(time.Since(n.StoredAt).Seconds())
	}
}

// closed counts by code; one that a client made up is one label, not thousands.
func (m *meters) closed(code ws.StatusCode) {
	label := "other"
	switch {
	case code == 0:
		label = "none"
	case code < 3000 || code == statusTooSlow || code >= statusUnauthenticated && code <= statusReplaced || code == statusCrowded:
		label = strconv.Itoa(int(code))
	}
	m.closes.WithLabelValues(label).Inc()
}
