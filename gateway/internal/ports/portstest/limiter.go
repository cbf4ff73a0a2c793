// Package portstest holds the conformance suites that every adapter of a port passes.
package portstest

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
)

// Limiter holds a limiter to the contract that needs no clock to be moved. The
// windows are long enough for a test to end within them.
func Limiter(t *testing.T, open func(t *testing.T) ports.Limiter) {
	t.Helper()
	window := func(count int64) domain.Limit {
		return domain.Limit{Name: "short", Count: count, Window: time.Minute, Burst: count}
	}
	for name, test := range map[string]func(t *testing.T, l ports.Limiter){
		"exactly a hundred pass at once, whoever sends in parallel": func(t *testing.T, l ports.Limiter) {
			if passed := parallel(t, l, "a:192.0.2.1", domain.Policy{Windows: [3]domain.Limit{window(100)}}); passed != 100 {
				t.Errorf("%d passed", passed)
			}
		},
		"those who come at the same time are told apart": func(t *testing.T, l ports.Limiter) {
			if left := remainders(t, l, "u:1", domain.Policy{Windows: [3]domain.Limit{window(100)}}); len(left) != 100 {
				t.Errorf("of a hundred %d were told something else than the others", len(left))
			}
		},
		"clients do not count for each other": func(t *testing.T, l ports.Limiter) {
			p := domain.Policy{Windows: [3]domain.Limit{window(1)}}
			for i := range 50 {
				if v := take(t, l, domain.Client("u:"+strconv.Itoa(i)), p); !v.Allowed {
					t.Fatalf("client %d: %+v", i, v)
				}
			}
		},
		"classes have buckets of their own": func(t *testing.T, l ports.Limiter) {
			for slot := range 5 {
				if v := take(t, l, "u:1", domain.Policy{Slot: slot, Bucket: window(1)}); !v.Allowed {
					t.Fatalf("bucket %d: %+v", slot, v)
				}
			}
		},
		"a denied request is counted nowhere": func(t *testing.T, l ports.Limiter) {
			narrow := domain.Policy{Windows: [3]domain.Limit{window(10), window(3)}}
			wide := domain.Policy{Windows: [3]domain.Limit{window(10)}}
			for range 8 {
				take(t, l, "u:1", narrow)
			}
			if v := take(t, l, "u:1", wide); !v.Allowed || v.Remaining != 6 {
				t.Errorf("after three that passed and five that did not: %+v", v)
			}
		},
		"the verdict says what is left": func(t *testing.T, l ports.Limiter) {
			p := domain.Policy{Bucket: window(50), Windows: [3]domain.Limit{window(7), window(100)}}
			v := take(t, l, "u:1", p)
			if !v.Allowed || v.Limit != p.Windows[0] || v.Remaining != 6 || v.Reset != time.Minute {
				t.Errorf("%+v", v)
			}
		},
		"the verdict says how long to wait": func(t *testing.T, l ports.Limiter) {
			p := domain.Policy{Bucket: domain.Limit{Name: "auth", Count: 1, Window: time.Hour, Burst: 2}, Windows: [3]domain.Limit{window(100)}}
			take(t, l, "u:1", p)
			take(t, l, "u:1", p)
			v := take(t, l, "u:1", p)
			if v.Allowed || v.Limit != p.Bucket || v.RetryAfter < 59*time.Minute || v.RetryAfter > time.Hour {
				t.Errorf("%+v", v)
			}
		},
		"what has run out comes back when it was said to": func(t *testing.T, l ports.Limiter) {
			p := domain.Policy{Bucket: domain.Limit{Name: "auth", Count: 10, Window: time.Second, Burst: 1}}
			take(t, l, "u:1", p)
			v := take(t, l, "u:1", p)
			deadline := time.Now().Add(10 * time.Second)
			for asked := time.Now(); !take(t, l, "u:1", p).Allowed; {
				if time.Now().After(deadline) {
					t.Fatalf("still denied %s after it was told to wait %s", time.Since(asked), v.RetryAfter)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func take(t *testing.T, l ports.Limiter, c domain.Client, p domain.Policy) domain.Verdict {
	t.Helper()
	v, err := l.Take(t.Context(), c, p)
	if err != nil {
		t.Fatalf("Take: %v", err)
	}
	return v
}

// parallel sends 400 requests from 8 goroutines and counts what passes.
func parallel(t *testing.T, l ports.Limiter, c domain.Client, p domain.Policy) int64 {
	t.Helper()
	var passed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				if v, err := l.Take(t.Context(), c, p); err != nil {
					t.Errorf("Take: %v", err)
				} else if v.Allowed {
					passed.Add(1)
				}
			}
		})
	}
	group.Wait()
	return passed.Load()
}

// remainders has a hundred requests come at once, and gives the numbers that they were told remain.
func remainders(t *testing.T, l ports.Limiter, c domain.Client, p domain.Policy) map[int64]bool {
	t.Helper()
	left, mu := make(map[int64]bool), new(sync.Mutex)
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			v, err := l.Take(t.Context(), c, p)
			if err != nil || !v.Allowed {
				t.Errorf("Take: %+v, %v", v, err)
			}
			mu.Lock()
			defer mu.Unlock()
			left[v.Remaining] = true
		})
	}
	group.Wait()
	return left
}
