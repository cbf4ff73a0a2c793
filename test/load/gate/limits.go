package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/loveapp/backend/gateway"
	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

const (
	gateways    = 20
	windowLimit = 100
	bucketRate  = 50
	bucketBurst = 100
	busy        = 8 // requests at once at each gateway
	limited     = "/v1/notifications/push-config"
)

// tally is the answers by status; 0 is none.
type tally map[int]int

// limits lets one client ask twenty gateways at once, each as fast as it can,
// and counts what they let through together.
func limits(t world.T, o options) string {
	t.Helper()
	service := self(t, "worker", "100000", "only")
	r := startRedis(t)
	windows := fleetOf(t, r, service.addr, func(c *gateway.Config) { c.RateLimitShort = fmt.Sprintf("%d/1h", windowLimit) })
	buckets := fleetOf(t, r, service.addr, func(c *gateway.Config) {
		c.RateLimitGeneral = fmt.Sprintf("%d/1s:%d", bucketRate, bucketBurst)
	})
	many := fleetOf(t, r, service.addr, func(c *gateway.Config) { // as deployed: four limits a request
		c.RateLimitShort, c.RateLimitMedium, c.RateLimitLong, c.RateLimitGeneral = "100/1m", "500/10m", "2000/1h", "50/1s:100"
	})
	b := heading("Limits that twenty gateways count together", fmt.Sprintf("limits -for %s", o.lasting))
	fmt.Fprintf(b, "%d gateways, one Redis. One client asks all of them at once, over a connection each, as fast as it is\n"+
		"answered, for %s.\n\n| limit | passed | exact | off by | answered 500 |\n|---|---|---|---|---|\n", gateways, o.lasting)
	counts, _ := storm(t, windows, o.lasting, "192.0.2.1")
	row(b, fmt.Sprintf("window of %d an hour", windowLimit), counts, windowLimit)
	counts, lasted := storm(t, buckets, o.lasting, "192.0.2.2")
	row(b, fmt.Sprintf("bucket of %d/s, burst %d", bucketRate, bucketBurst), counts, bucketBurst+bucketRate*lasted.Seconds())
	unlimited := fleetOf(t, r, service.addr, func(c *gateway.Config) {
		c.RateLimitShort, c.RateLimitMedium, c.RateLimitLong, c.RateLimitGeneral = "off", "off", "off", "off"
	})
	costs(t, b, r, many, o)
	floor(t, b, r, unlimited, o)
	outage(t, b, r, buckets, o)
	return b.String()
}

func row(b *strings.Builder, name string, counts tally, exact float64) {
	off := 100 * (float64(counts[http.StatusOK]) - exact) / exact
	fmt.Fprintf(b, "| %s | %d | %.0f | %+.2f %% (goal ±1 %%: %s) | %d |\n", name, counts[http.StatusOK], exact, off, goal(off >= -1 && off <= 1), counts[http.StatusInternalServerError])
}

// costs measures the CPU time of Redis for each request that it decides, with one
// request at a time at each gateway and with several: those share round trips.
func costs(t world.T, b *strings.Builder, r *redis, fleet []string, o options) {
	t.Helper()
	const most = 20 * time.Microsecond
	fmt.Fprintf(b, "\nEach request from another address, all limits on, for %s; everything that Redis did, in /proc/PID/stat:\n\n"+
		"| at once at each gateway | requests decided | Redis's CPU time for each | goal %s |\n|---|---|---|---|\n", o.lasting, most)
	for n, callers := range []int{1, busy} {
		before := r.cpu(t)
		counts := strangers(t, fleet, callers, 10+n*busy, o.lasting, func(string) {})
		decided := counts[http.StatusOK] + counts[http.StatusTooManyRequests]
		each := (r.cpu(t) - before) / time.Duration(max(1, decided))
		fmt.Fprintf(b, "| %d | %d | **%s** | %s |\n", callers, decided, each.Round(100*time.Nanosecond), goal(each <= most))
	}
}

// strangers ask every gateway, so many at once, each time from another address
// that begins with the network or one of the next, and that before is told first.
func strangers(t world.T, fleet []string, callers, network int, lasting time.Duration, before func(address string)) tally {
	t.Helper()
	counts := tally{}
	var mu sync.Mutex
	var group sync.WaitGroup
	until := time.Now().Add(lasting)
	for g, addr := range fleet {
		for c := range callers {
			group.Go(func() {
				got, n := tally{}, 0
				drive(t.Context(), addr, until, got, func() string {
					n++
					address := fmt.Sprintf("%d.%d.%d.%d", network+c, g+1, n/250%250, n%250)
					before(address)
					return address
				})
				mu.Lock()
				defer mu.Unlock()
				for status, n := range got {
					counts[status] += n
				}
			})
		}
	}
	group.Wait()
	return counts
}

// outage kills Redis in the middle of a storm and starts it again.
func outage(t world.T, b *strings.Builder, r *redis, fleet []string, o options) {
	t.Helper()
	var down, up time.Time
	var failed error
	var group sync.WaitGroup
	group.Go(func() {
		time.Sleep(o.lasting / 3)
		r.kill()
		down = time.Now()
		time.Sleep(o.lasting / 3)
		failed = r.start(t.Context())
		up = time.Now()
	})
	counts, _ := storm(t, fleet, o.lasting, "192.0.2.3")
	group.Wait()
	if failed != nil {
		t.Fatalf("%v", failed)
	}
	b.WriteString("\nRedis is killed (SIGKILL) after a third of such a storm and empty again after two thirds:\n\n| 200 | 429 | 500 | other 5xx | no answer |\n|---|---|---|---|---|\n")
	other := 0
	for status, n := range counts {
		if status > http.StatusInternalServerError {
			other += n
		}
	}
	fmt.Fprintf(b, "| %d | %d | %d | %d | %d |\n\nAway for %s; meanwhile each gateway lets its own share through. The goal of no answer 500 is %s.\n",
		counts[http.StatusOK], counts[http.StatusTooManyRequests], counts[http.StatusInternalServerError], other, counts[0],
		up.Sub(down).Round(10*time.Millisecond), goal(counts[http.StatusInternalServerError] == 0))
}

// storm is one client at all gateways at once.
func storm(t world.T, fleet []string, lasting time.Duration, address string) (tally, time.Duration) {
	t.Helper()
	counts := tally{}
	var mu sync.Mutex
	var group sync.WaitGroup
	began := time.Now()
	until := began.Add(lasting)
	for _, addr := range fleet {
		group.Go(func() {
			got := tally{}
			drive(t.Context(), addr, until, got, func() string { return address })
			mu.Lock()
			defer mu.Unlock()
			for status, n := range got {
				counts[status] += n
			}
		})
	}
	group.Wait()
	return counts, time.Since(began)
}

// drive asks one gateway over one connection, again as soon as it is answered.
// Whoever is denied waits a little: a machine of two cores has twenty of them.
func drive(ctx context.Context, addr string, until time.Time, counts tally, from func() string) {
	const rest = time.Millisecond
	var conn net.Conn
	var reader *bufio.Reader
	defer func() {
		if conn != nil {
			_ = conn.Close()
		}
	}()
	for time.Now().Before(until) && ctx.Err() == nil {
		if conn == nil {
			c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
			if err != nil {
				counts[0]++
				return
			}
			conn, reader = c, bufio.NewReader(c)
			_ = conn.SetDeadline(until.Add(time.Minute))
		}
		_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\n\r\n", limited, from())
		resp, err := http.ReadResponse(reader, nil)
		if err != nil {
			counts[0]++
			_ = conn.Close()
			conn = nil
			continue
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		counts[resp.StatusCode]++
		if resp.StatusCode == http.StatusTooManyRequests {
			time.Sleep(rest)
		}
	}
}

// fleetOf starts the gateways in this process: each has its own pool, caches and limits.
func fleetOf(t world.T, r *redis, service string, change func(*gateway.Config)) (addrs []string) {
	t.Helper()
	for range gateways {
		l, err := httpserver.Listen(t.Context(), "127.0.0.1", 0)
		if err != nil {
			t.Fatalf("listen: %v", err)
		}
		c := settings(l, service)
		c.RedisHost, c.RedisPort, c.GatewayInstances = "127.0.0.1", r.port, gateways
		change(&c)
		program.StartGateway(t, c)
		await(t, server{name: "a gateway", addr: l.Addr().String()}, "/health/ready")
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

// redis is a server that can be killed and comes back where it was, empty.
type redis struct {
	program string
	port    int
	child   *process.Child
	dir     string
}

func startRedis(t world.T) *redis {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatalf("limits are counted in Redis (make deps): %v", err)
	}
	r := &redis{program: path, port: freeport.Reserve(t), dir: world.NewFolder(t)}
	if err := r.start(t.Context()); err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(r.kill)
	return r
}

func (r *redis) start(ctx context.Context) error {
	cmd := exec.Command(r.program, "--bind", "127.0.0.1", "--port", fmt.Sprint(r.port), "--save", "", "--appendonly", "no", "--dir", r.dir) //nolint:gosec,noctx // Debian's; killed below
	child, err := process.Start(cmd)
	if err != nil {
		return fmt.Errorf("start Redis: %w", err)
	}
	r.child = child
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", r.port))
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("start Redis: %w", err)
		}
	}
}

func (r *redis) kill() {
	_ = r.child.Stop(context.Background(), time.Second, syscall.SIGKILL)
}

func (r *redis) cpu(t world.T) time.Duration {
	t.Helper()
	used, err := meter.CPU([]int{r.child.PID()})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return used[r.child.PID()]
}
