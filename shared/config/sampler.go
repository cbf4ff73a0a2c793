package config

import (
	"fmt"
	"net/url"
	"strconv"
)

// Sampler says which requests are traced.
type Sampler struct {
	// Ratio of the traces that begin here are followed, 0 to 1.
	Ratio float64
	// ByParent: what others have begun is followed where they do.
	ByParent bool
}

// ParseSampler reads OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG as
// OpenTelemetry's "Environment Variable Specification" has them.
func ParseSampler(name, arg string) (Sampler, error) {
	switch name {
	case "", "parentbased_always_on":
		return Sampler{1, true}, nil
	case "always_on":
		return Sampler{1, false}, nil
	case "parentbased_always_off":
		return Sampler{0, true}, nil
	case "always_off":
		return Sampler{0, false}, nil
	case "traceidratio", "parentbased_traceidratio":
		ratio, err := ratioOf(arg)
		return Sampler{ratio, name == "parentbased_traceidratio"}, err
	}
	return Sampler{}, fmt.Errorf("OTEL_TRACES_SAMPLER must be always_on, always_off, traceidratio or one of these with parentbased_ before it")
}

// ratioOf: left out it is everything.
func ratioOf(arg string) (float64, error) {
	if arg == "" {
		return 1, nil
	}
	ratio, err := strconv.ParseFloat(arg, 64)
	if err != nil || !(ratio >= 0 && ratio <= 1) {
		return 0, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG must be a ratio from 0 to 1")
	}
	return ratio, nil
}

// checkTraces notes what is wrong with where traces go, and which.
func (c Infra) checkTraces(m *Mistakes) {
	if c.OTLPEndpoint != "" {
		if u, err := url.Parse(c.OTLPEndpoint); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			m.Add("OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL")
		}
	}
	if _, err := ParseSampler(c.TracesSampler, c.TracesSamplerArg); err != nil {
		m.Add("%v", err)
	}
}
