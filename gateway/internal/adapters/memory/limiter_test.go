package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/memory"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
	"github.com/loveapp/backend/gateway/internal/ports/portstest"
)

func open(t testing.TB, now func() time.Time) *memory.Limiter {
	t.Helper()
	l, err := memory.NewLimiter(now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	portstest.Limiter(t, func(t *testing.T) ports.Limiter { return open(t, time.Now) })
}

func TestLimiterOverTime(t *testing.T) {
	t.Parallel()
	portstest.LimiterOverTime(t, func(start time.Time) (ports.Limiter, func(time.Time)) {
		now := start
		return open(t, func() time.Time { return now }), func(to time.Time) { now = to }
	})
}

func TestAFloodOfMadeUpAddressesIsForgottenAndTheirLimitsHoldUntilThen(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	l := open(t, func() time.Time { return now })
	p := domain.Policy{Windows: [3]domain.Limit{{Name: "short", Count: 1, Window: time.Minute, Burst: 1}}}
	for i := range 250_000 {
		if v, err := l.Take(t.Context(), domain.Client(fmt.Sprint("a:", i)), p); err != nil || !v.Allowed {
			t.Fatalf("client %d: %+v, %v", i, v, err)
		}
	}
	if n := l.Clients(); n > 100_000 {
		t.Errorf("%d clients are remembered", n)
	}
}

func TestALimiterWithoutAClockIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := memory.NewLimiter(nil); err == nil {
		t.Error("no error")
	}
}

func BenchmarkTake(b *testing.B) {
	l := open(b, time.Now)
	p := domain.Policy{
		Bucket:  domain.Limit{Name: "general", Count: 1_000_000, Window: time.Second, Burst: 1_000_000},
		Windows: [3]domain.Limit{{Name: "short", Count: 1_000_000, Window: time.Minute, Burst: 1_000_000}},
	}
	for b.Loop() {
		_, _ = l.Take(b.Context(), "u:1", p)
	}
}
