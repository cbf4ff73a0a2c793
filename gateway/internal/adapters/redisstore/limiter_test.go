package redisstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/gomodule/redigo/redis"
	"github.com/google/go-cmp/cmp"
	"github.com/loveapp/backend/gateway/internal/adapters/redisstore"
	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
	"github.com/loveapp/backend/gateway/internal/ports/portstest"
	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/redispool"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

func TestMain(m *testing.M) { redistest.Main(m) }

func open(tb testing.TB, pool *redispool.Pool) *redisstore.Limiter {
	tb.Helper()
	l, err := redisstore.NewLimiter(redisstore.Config{Pool: pool, Keep: 2 * time.Hour, Patience: 5 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	redistest.OnEachKind(t, func(t *testing.T, pool func(testing.TB) *redispool.Pool) {
		portstest.Limiter(t, func(t *testing.T) ports.Limiter { return open(t, pool(t)) })
	})
}

// The clock of a real Redis cannot be moved; the in-process one runs the same script.
func TestLimiterOverTime(t *testing.T) {
	t.Parallel()
	server := startInProcess(t)
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{{Host: server.Host(), Port: server.Server().Addr().Port}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	portstest.LimiterOverTime(t, func(start time.Time) (ports.Limiter, func(time.Time)) {
		server.FlushAll()
		server.SetTime(start)
		return open(t, pool), server.SetTime
	})
}

// Requests that wait together are one call: what each is told must not show that.
func TestRequestsOfOneMomentAreDecidedAsIfOneCameAfterTheOther(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	windows, bucket := policy(), policy()
	windows.Windows[1].Count = 30
	bucket.Windows, bucket.Bucket.Burst = [3]domain.Limit{}, 30
	for name, p := range map[string]domain.Policy{"windows": windows, "a bucket": bucket} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startInProcess(t)
			server.SetTime(now)
			pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{{Host: server.Host(), Port: server.Server().Addr().Port}}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = pool.Close() })
			l := open(t, pool)
			var standing domain.Standing
			want, got := make(map[domain.Verdict]int), make(map[domain.Verdict]int)
			var mu sync.Mutex
			var group sync.WaitGroup
			for range 40 {
				want[standing.Take(now.UnixMicro(), p)]++
				group.Go(func() {
					v, err := l.Take(t.Context(), "u:1", p)
					mu.Lock()
					defer mu.Unlock()
					if got[v]++; err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func startInProcess(t *testing.T) *miniredis.Miniredis {
	t.Helper()
	server := miniredis.NewMiniRedis()
	var err error
	for range 100 {
		if err = server.StartAddr(fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))); err == nil {
			t.Cleanup(server.Close)
			return server
		}
	}
	t.Fatal(err)
	return nil
}

func policy() domain.Policy {
	window := func(name string, count int64, span time.Duration) domain.Limit {
		return domain.Limit{Name: name, Count: count, Window: span, Burst: count}
	}
	return domain.Policy{
		Bucket:  domain.Limit{Name: "general", Count: 50, Window: time.Second, Burst: 100},
		Windows: [3]domain.Limit{window("short", 100, time.Minute), window("medium", 500, 10*time.Minute), window("long", 2000, time.Hour)},
	}
}

func TestAClientIsOneKeyThatGoesAwayByItself(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	l := open(t, pool)
	for slot := range 5 {
		p := policy()
		p.Slot = slot
		if _, err := l.Take(t.Context(), "u:1", p); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := redis.Strings(pool.Do(t.Context(), "KEYS", "*"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %q, %v", keys, err)
	}
	left, err := redis.Int64(pool.Do(t.Context(), "PTTL", keys[0]))
	if err != nil || left <= 0 || left > (2*time.Hour).Milliseconds() {
		t.Errorf("it goes in %d ms, %v", left, err)
	}
}

func TestADeniedRequestWritesNothing(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	l := open(t, pool)
	for range 100 {
		if _, err := l.Take(t.Context(), "u:1", policy()); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := redis.String(pool.Do(t.Context(), "GET", "limits:u:1"))
	for range 10 {
		if v, err := l.Take(t.Context(), "u:1", policy()); err != nil || v.Allowed {
			t.Fatalf("%+v, %v", v, err)
		}
	}
	if after, _ := redis.String(pool.Do(t.Context(), "GET", "limits:u:1")); after != before || before == "" || len(after)%14 != 0 {
		t.Errorf("%q became %q", before, after)
	}
}

func TestWhatAnotherVersionWroteIsStartedOver(t *testing.T) {
	t.Parallel()
	pool := redistest.New(t)
	if _, err := pool.Do(t.Context(), "SET", "limits:u:1", "1 2 3"); err != nil {
		t.Fatal(err)
	}
	if v, err := open(t, pool).Take(t.Context(), "u:1", policy()); err != nil || !v.Allowed || v.Remaining != 99 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestARedisThatIsAwayIsAnError(t *testing.T) {
	t.Parallel()
	pool, err := redispool.Open(redispool.Config{Addrs: []config.HostPort{{Host: "127.0.0.1", Port: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	if v, err := open(t, pool).Take(t.Context(), "u:1", policy()); err == nil {
		t.Errorf("%+v", v)
	}
}

func TestAHoleInTheConfigIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []redisstore.Config{{}, {Keep: time.Hour}, {Pool: &redispool.Pool{}}} {
		if _, err := redisstore.NewLimiter(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// BenchmarkTake reports, beside the round trip, what the script costs Redis itself.
func BenchmarkTake(b *testing.B) {
	pool := redistest.New(b)
	l := open(b, pool)
	p := plenty()
	for b.Loop() {
		if _, err := l.Take(b.Context(), "u:1", p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(redisMicrosPerCall(b, pool), "redis-µs/op")
}

// BenchmarkTakeAtOnce is one client that sends over 64 connections: its requests share calls.
func BenchmarkTakeAtOnce(b *testing.B) {
	pool := redistest.New(b)
	l := open(b, pool)
	p := plenty()
	before := redisCPU(b, pool)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := l.Take(b.Context(), "u:1", p); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric((redisCPU(b, pool)-before)*1e6/float64(b.N), "redis-cpu-µs/op")
}

// BenchmarkTakeOfMany is a thousand clients that send at the same time: each is a call, many of which share a round.
func BenchmarkTakeOfMany(b *testing.B) {
	pool := redistest.New(b)
	l := open(b, pool)
	p := plenty()
	var ids atomic.Int64
	before := redisCPU(b, pool)
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := l.Take(b.Context(), domain.User(strconv.FormatInt(ids.Add(1)%1000, 10)), p); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric((redisCPU(b, pool)-before)*1e6/float64(b.N), "redis-cpu-µs/op")
}

// plenty lets everything pass that a benchmark asks.
func plenty() domain.Policy {
	p := policy()
	p.Windows[0].Count, p.Windows[1].Count, p.Windows[2].Count = 1_000_000, 1_000_000, 1_000_000
	p.Bucket.Count, p.Bucket.Burst = 1_000_000, 1_000_000
	return p
}

// redisCPU is what Redis has used by now, in seconds.
func redisCPU(b *testing.B, pool *redispool.Pool) (seconds float64) {
	b.Helper()
	info, err := redis.String(pool.Do(context.Background(), "INFO", "cpu"))
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"used_cpu_sys:", "used_cpu_user:"} {
		var part float64
		_, text, _ := strings.Cut(info, name)
		if _, err := fmt.Sscanf(text, "%f", &part); err != nil {
			b.Fatalf("%q: %v", info, err)
		}
		seconds += part
	}
	return seconds
}

func redisMicrosPerCall(b *testing.B, pool *redispool.Pool) (micros float64) {
	stats, err := redis.String(pool.Do(context.Background(), "INFO", "commandstats"))
	if err != nil {
		b.Fatal(err)
	}
	_, line, _ := strings.Cut(stats, "cmdstat_evalsha:")
	_, text, _ := strings.Cut(line, "usec_per_call=")
	if _, err := fmt.Sscanf(text, "%f", &micros); err != nil {
		b.Fatalf("%q: %v", text, err)
	}
	return micros
}
