package proxy

import (
	"log/slog"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"
)

// observer tells the log and the metrics what happens to services and instances.
type observer struct {
	logger      *slog.Logger
	retries     *prometheus.CounterVec
	refused     *prometheus.CounterVec
	ejections   *prometheus.CounterVec
	trips       *prometheus.CounterVec
	tunnelBytes *prometheus.CounterVec
	seatless    prometheus.Counter
}

func newObserver(logger *slog.Logger) observer {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	o := observer{
		logger:      logger,
		retries:     counter("gateway_retries_total", "Requests sent to another instance.", "upstream"),
		refused:     counter("gateway_breaker_refusals_total", "Requests answered 503 because the service's breaker was open.", "upstream"),
		ejections:   counter("gateway_ejections_total", "Times that an instance was ejected.", "upstream", "instance"),
		trips:       counter("gateway_breaker_trips_total", "Times that the breaker of a service opened.", "upstream"),
		tunnelBytes: counter("gateway_tunnel_bytes_total", "Bytes relayed through WebSocket tunnels.", "direction"),
		seatless: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gateway_seat_refusals_total", Help: "Sockets and streams refused because their user or address holds as many as one may.",
		}),
	}
	o.begin()
	return o
}

// begin counts from nought: of a counter that appears with the first event, that event is not seen.
func (o observer) begin() {
	for _, s := range domain.Services() {
		for _, c := range []*prometheus.CounterVec{o.retries, o.refused, o.trips} {
			c.WithLabelValues(string(s))
		}
	}
	o.tunnelBytes.WithLabelValues("in")
	o.tunnelBytes.WithLabelValues("out")
}

func (o observer) register(r prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{o.retries, o.refused, o.ejections, o.trips, o.tunnelBytes, o.seatless} {
		if err := r.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func (o observer) serviceBreaker(s domain.Service, to gobreaker.State) {
	if to == gobreaker.StateOpen {
		o.trips.WithLabelValues(string(s)).Inc()
		o.logger.Warn("breaker opened", "upstream", s)
		return
	}
	o.logger.Info("breaker changed", "upstream", s, "state", to.String())
}

func (o observer) ejected(s domain.Service, i *Instance) {
	o.ejections.WithLabelValues(string(s), i.name).Inc()
	o.logger.Warn("instance ejected", "upstream", s, "instance", i.name, "addr", i.addr)
}

func (o observer) readmitted(s domain.Service, i *Instance) {
	o.logger.Info("instance readmitted", "upstream", s, "instance", i.name, "addr", i.addr)
}

// fleetCollector reads the state of the instances when Prometheus asks.
type fleetCollector struct {
	fleets  []*Fleet
	tunnels func() int

	ready, ejected, open, circuit, tunnelCount *prometheus.Desc
}

func newFleetCollector(fleets []*Fleet, tunnels func() int) *fleetCollector {
	instance := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"upstream", "instance"}, nil)
	}
	return &fleetCollector{
		fleets: fleets, tunnels: tunnels,
		ready:       instance("gateway_instance_ready", "1 while the instance's own health page says it is ready."),
		ejected:     instance("gateway_instance_ejected", "1 from an instance's ejection until a probe has succeeded: its breaker is not closed."),
		open:        instance("gateway_instance_open", "Requests and tunnels open to the instance."),
		circuit:     prometheus.NewDesc("gateway_breaker_state", "Breaker of the service: 0 closed, 1 half-open, 2 open.", []string{"upstream"}, nil),
		tunnelCount: prometheus.NewDesc("gateway_tunnels", "Open WebSocket tunnels.", nil, nil),
	}
}

// Describe tells Prometheus what there is.
func (c *fleetCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.ready, c.ejected, c.open, c.circuit, c.tunnelCount} {
		out <- d
	}
}

// Collect tells Prometheus how it is.
func (c *fleetCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(c.tunnelCount, float64(c.tunnels()))
	for _, f := range c.fleets {
		if !f.checked() && len(f.all()) == 0 {
			continue // there is no monolith
		}
		gauge(c.circuit, float64(f.state.Load()), string(f.service))
		for _, s := range f.States() {
			gauge(c.ready, one(s.Ready), string(f.service), s.Name)
			gauge(c.ejected, one(s.Ejected), string(f.service), s.Name)
			gauge(c.open, float64(s.Open), string(f.service), s.Name)
		}
	}
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
