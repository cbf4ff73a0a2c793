package httpapi

import (
	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/prometheus/client_golang/prometheus"
)

// counts are the metrics of admission.
type counts struct {
	decisions *prometheus.CounterVec
	shed      *prometheus.CounterVec
	inFlight  prometheus.GaugeFunc
	degraded  prometheus.GaugeFunc
}

func newCounts(a *app.App) counts {
	gauge := func(name, help string, value func() float64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	return counts{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_limiter_decisions_total", Help: "Requests that the limiter decided, by class, outcome and who counted.",
		}, []string{"class", "outcome", "by"}),
		shed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gateway_shed_total", Help: "Requests answered 503 because no slot was free.",
		}, []string{"upstream"}),
		inFlight: gauge("gateway_slots_taken", "Requests that hold a slot.", func() float64 { return float64(a.InFlight()) }),
		degraded: gauge("gateway_limiter_degraded", "1 while limits are counted locally because Redis is away.", func() float64 {
			if a.Degraded() {
				return 1
			}
			return 0
		}),
	}
}

func (c counts) register(r prometheus.Registerer) error {
	for _, m := range []prometheus.Collector{c.decisions, c.shed, c.inFlight, c.degraded} {
		if err := r.Register(m); err != nil {
			return err
		}
	}
	return nil
}

func (c counts) decided(class domain.Class, a app.Admission) {
	outcome := "allowed"
	if !a.Allowed {
		outcome = "denied"
	}
	c.decisions.WithLabelValues(class.String(), outcome, string(a.By)).Inc()
}
