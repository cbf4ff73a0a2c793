package httpapi

import (
	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/prometheus/client_golang/prometheus"
)

// counts are the metrics of admission.
type counts struct {
	decisions *prometheus.CounterVec
	known     map[decision]prometheus.Counter // of decisions, looked up beforehand: one is made on every request
	shed      *prometheus.CounterVec
	cache     *prometheus.CounterVec
	inFlight  prometheus.GaugeFunc
	degraded  prometheus.GaugeFunc
	rooms     []prometheus.Collector
}

func newCounts(a *app.App) counts {
	gauge := func(name, help string, value func() float64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	c := counts{
		known: make(map[decision]prometheus.Counter),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_limiter_decisions_total", Help: "Requests that the limiter decided, by class, outcome and who counted.",
		}, []string{"class", "outcome", "by"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_shed_total", Help: "Requests answered 503 because no slot was free, or too many came a second.",
		}, []string{"upstream"}),
		cache: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_cache_answers_total", Help: "Requests for what may be kept, by where the answer came from: local, shared and followed are hits.",
		}, []string{"source"}),
		inFlight: gauge("gateway_slots_taken", "Requests that hold a slot.", func() float64 { return float64(a.InFlight()) }),
		degraded: gauge("gateway_limiter_degraded", "1 while limits are counted locally because Redis is away.", func() float64 {
			if a.Degraded() {
				return 1
			}
			return 0
		}),
	}
	for _, source := range []app.Source{app.Here, app.Elsewhere, app.Asked, app.Followed, app.Unkept} {
		c.cache.WithLabelValues(string(source))
	}
	for _, s := range domain.Services() {
		c.shed.WithLabelValues(string(s)) // from nought: an alert sees the first one, too
		c.rooms = append(c.rooms, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "gateway_room", Help: "Requests that the service may have in flight: less while it is slow.", ConstLabels: prometheus.Labels{"upstream": string(s)},
		}, func() float64 { return float64(a.Room(s)) }))
	}
	for class := range domain.Class(domain.ClassCount) {
		for _, by := range []app.Counter{app.Nobody, app.Shared, app.Local, app.Earlier} {
			c.known[decision{class, true, by}] = c.decisions.WithLabelValues(class.String(), "allowed", string(by))
			c.known[decision{class, false, by}] = c.decisions.WithLabelValues(class.String(), "denied", string(by))
		}
	}
	return c
}

type decision struct {
	class   domain.Class
	allowed bool
	by      app.Counter
}

func (c counts) register(r prometheus.Registerer) error {
	for _, m := range append(c.rooms, c.decisions, c.shed, c.cache, c.inFlight, c.degraded) {
		if err := r.Register(m); err != nil {
			return err
		}
	}
	return nil
}

func (c counts) decided(class domain.Class, a app.Admission) {
	c.known[decision{class, a.Allowed, a.By}].Inc()
}
