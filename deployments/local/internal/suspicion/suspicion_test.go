package suspicion_test

import (
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/suspicion"
	"pgregory.net/rapid"
)

const (
	recently = 2 * time.Second
	longAgo  = 8 * time.Second
	enough   = 8 // rounds
)

func times(n int, r suspicion.Round) []suspicion.Round { return slices.Repeat([]suspicion.Round{r}, n) }

func TestAPrimaryIsGivenUpOnEvidenceOnly(t *testing.T) {
	t.Parallel()
	answers := suspicion.Round{Answers: true, Witnesses: []time.Duration{recently, recently}}
	nobody := suspicion.Round{}
	unheard := suspicion.Round{Witnesses: []time.Duration{longAgo, longAgo}}
	oneWitness := suspicion.Round{Witnesses: []time.Duration{longAgo}}
	heardByOne := suspicion.Round{Witnesses: []time.Duration{longAgo, recently}}
	cases := map[string]struct {
		rounds []suspicion.Round
		want   suspicion.Verdict
	}{
		"it answers":                             {times(1, answers), suspicion.Alive},
		"it answers, though no replica hears it": {times(20, suspicion.Round{Answers: true, Witnesses: []time.Duration{longAgo}}), suspicion.Alive},
		"nobody answers, for however long":       {times(1000, nobody), suspicion.Unsure},
		"it is mute and a replica hears it":      {times(1000, heardByOne), suspicion.Heard},
		"nobody hears it, for a moment":          {times(enough-1, unheard), suspicion.Doubted},
		"nobody hears it":                        {times(enough, unheard), suspicion.Dead},
		"the only replica does not hear it":      {times(enough, oneWitness), suspicion.Dead},
		"the rounds before the silence count":    {slices.Concat(times(enough, heardByOne), times(1, unheard)), suspicion.Dead},
		"a halt of everybody, then replicas wake up first": {
			slices.Concat(times(enough-1, unheard), times(20, nobody), times(enough-1, unheard)), suspicion.Doubted,
		},
		"one answer takes everything back": {
			slices.Concat(times(enough-1, unheard), times(1, answers), times(enough-1, unheard)), suspicion.Doubted,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var against suspicion.Case
			var got suspicion.Verdict
			for _, r := range c.rounds {
				got = against.Hear(r)
			}
			if got != c.want {
				t.Errorf("verdict %d, want %d", got, c.want)
			}
		})
	}
}

// Whatever came before, nobody is given up in a round that clears him.
func TestNoHistoryCondemnsAgainstTheEvidenceOfNow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var against suspicion.Case
		for range rapid.IntRange(1, 60).Draw(t, "rounds") {
			r := suspicion.Round{Answers: rapid.Bool().Draw(t, "answers")}
			for range rapid.IntRange(0, 2).Draw(t, "witnesses") {
				r.Witnesses = append(r.Witnesses, time.Duration(rapid.Int64Range(0, int64(2*longAgo)).Draw(t, "silence")))
			}
			cleared := r.Answers || len(r.Witnesses) == 0 || slices.Min(r.Witnesses) < suspicion.Silence
			if against.Hear(r) == suspicion.Dead && cleared {
				t.Fatalf("given up in %+v", r)
			}
		}
	})
}
