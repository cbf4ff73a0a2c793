package portstest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
	"pgregory.net/rapid"
)

// LimiterOverTime holds a limiter whose clock the test moves to the rules of
// the domain: over any sequence of requests and pauses its verdicts are those
// of domain.Standing. open starts a limiter at the given time; set moves its clock.
func LimiterOverTime(t *testing.T, open func(start time.Time) (l ports.Limiter, set func(now time.Time))) {
	t.Helper()
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		runs++
		now := time.UnixMicro(1_700_000_000_000_000 + int64(runs)*time.Hour.Microseconds()*24*7)
		limiter, set := open(now)
		policies := []domain.Policy{drawPolicy(rt, 0), drawPolicy(rt, 4)}
		var standing domain.Standing
		for i := range rapid.IntRange(1, 60).Draw(rt, "requests") {
			now = now.Add(time.Duration(rapid.Int64Range(0, 4_000_000).Draw(rt, "pause in µs")) * time.Microsecond)
			set(now)
			p := policies[rapid.IntRange(0, 1).Draw(rt, "class")]
			got, err := limiter.Take(t.Context(), "u:1", p)
			if err != nil {
				rt.Fatalf("Take: %v", err)
			}
			if want := standing.Take(now.UnixMicro(), p); got != want {
				rt.Fatalf("request %d: %s", i, cmp.Diff(want, got))
			}
		}
	})
}

func drawPolicy(t *rapid.T, slot int) domain.Policy {
	limit := func(name string) domain.Limit {
		return domain.Limit{
			Name: name, Count: rapid.Int64Range(0, 12).Draw(t, name+" count"), Burst: rapid.Int64Range(1, 12).Draw(t, name+" burst"),
			Window: time.Duration(rapid.Int64Range(1, 30_000).Draw(t, name+" window")) * time.Millisecond,
		}
	}
	return domain.Policy{Slot: slot, Bucket: limit("bucket"), Windows: [3]domain.Limit{limit("short"), limit("medium"), limit("long")}}
}
