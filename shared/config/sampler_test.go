package config_test

import (
	"testing"

	"github.com/loveapp/backend/shared/config"
)

func TestSamplersAreReadAsOpenTelemetryHasThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, arg string
		want      config.Sampler
		bad       bool
	}{
		{"", "", config.Sampler{Ratio: 1, ByParent: true}, false},
		{"always_on", "ignored", config.Sampler{Ratio: 1}, false},
		{"always_off", "", config.Sampler{}, false},
		{"parentbased_always_off", "", config.Sampler{ByParent: true}, false},
		{"traceidratio", "0.25", config.Sampler{Ratio: .25}, false},
		{"parentbased_traceidratio", "", config.Sampler{Ratio: 1, ByParent: true}, false},
		{"traceidratio", "NaN", config.Sampler{}, true},
		{"traceidratio", "-1", config.Sampler{}, true},
		{"traceidratio", "half", config.Sampler{}, true},
		{"jaeger_remote", "", config.Sampler{}, true},
	} {
		got, err := config.ParseSampler(c.name, c.arg)
		if (err != nil) != c.bad || (!c.bad && got != c.want) {
			t.Errorf("%q %q: %+v, %v", c.name, c.arg, got, err)
		}
	}
}
