package notification_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/wstest"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/freeport"
)

// BenchmarkIntakeToSocket is the time from another service's request to the
// frame at the client: over HTTP, PostgreSQL, Redis and the socket.
func BenchmarkIntakeToSocket(b *testing.B) {
	for name, bench := range map[string]struct {
		elsewhere, redis bool
		priority         string
	}{
		"the same instance":           {false, true, "medium"},
		"another instance":            {true, true, "medium"},
		"another instance, critical":  {true, true, "critical"},
		"another, critical, no Redis": {true, false, "critical"},
		"the same instance, no Redis": {false, false, "medium"},
	} {
		b.Run(name, func(b *testing.B) {
			c, one, other := two(b)
			holder := one
			if bench.elsewhere {
				holder = other
			}
			ana := newID()
			client, _ := holder.connect(ana)
			if !bench.redis {
				c.loseRedis()
			}
			one.notify(ana, "critical") // connections are made
			client.Expect("notification")
			var took []time.Duration
			for b.Loop() {
				at := time.Now()
				one.notify(ana, bench.priority)
				client.Expect("notification")
				took = append(took, time.Since(at))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// idleSockets is how many the next benchmark holds; IDLE_SOCKETS changes it.
func idleSockets(b *testing.B) int {
	b.Helper()
	text := os.Getenv("IDLE_SOCKETS")
	if text == "" {
		return 2000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkIdleSocket is what an authenticated, silent client costs a process of
// its own: resident memory, and the heap and stacks within it.
func BenchmarkIdleSocket(b *testing.B) {
	n := idleSockets(b)
	p := startProcess(b)
	p.warm(b)
	before := p.memory(b)
	var clients []*wstest.Client
	for b.Loop() {
		for len(clients) < n {
			client, _ := wstest.Connect(b, p.URL, p.auth.token(newID(), newID()))
			clients = append(clients, client)
		}
		after := p.memory(b)
		b.ReportMetric(float64(after.resident-before.resident)/float64(n), "RSS-bytes/socket")
		b.ReportMetric(float64(after.inUse-before.inUse)/float64(n), "inuse-bytes/socket")
		b.ReportMetric(float64(after.goroutines-before.goroutines)/float64(n), "goroutines/socket")
		b.ReportMetric(0, "ns/op")
	}
	for _, client := range clients {
		client.Cut()
	}
}

// process is the real command in a process of its own.
type process struct {
	*instance
	admin string
	pid   int
}

func startProcess(b *testing.B) *process {
	b.Helper()
	c := newCluster(b)
	binary := b.TempDir() + "/notification"
	if out, err := exec.Command("go", "build", "-o", binary, "./cmd/notification").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	cfg, port, admin := c.config(), freeport.Reserve(b), freeport.Reserve(b)
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(),
		"DATABASE_HOST="+cfg.DatabaseHost, "DATABASE_PORT="+strconv.Itoa(cfg.DatabasePort), "DATABASE_USERNAME="+cfg.DatabaseUsername,
		"DATABASE_PASSWORD="+cfg.DatabasePassword.Value(), "DATABASE_NAME="+cfg.DatabaseName, "DATABASE_SSLMODE=disable",
		"REDIS_HOST="+cfg.RedisHost, "REDIS_PORT="+strconv.Itoa(cfg.RedisPort), "REDIS_PASSWORD="+cfg.RedisPassword.Value(),
		"AUTH_SERVICE_HOST="+cfg.AuthServiceHost, "AUTH_SERVICE_PORT="+strconv.Itoa(cfg.AuthServicePort),
		"INTERNAL_SECRET="+secret.Value(), "LISTEN_HOST=127.0.0.1", "NOTIFICATION_SERVICE_PORT="+strconv.Itoa(port),
		"METRICS_PORT="+strconv.Itoa(admin), "WS_MAX_PER_ADDRESS=19000", "LOG_LEVEL=error", "WS_DRAIN=1s", "DATA_DIR=/nonexistent")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	p := &process{&instance{cluster: c, URL: fmt.Sprint("http://127.0.0.1:", port)}, fmt.Sprint("http://127.0.0.1:", admin), cmd.Process.Pid}
	eventually.True(b, "the process is ready", func() bool {
		status, _ := p.do(http.MethodGet, "/health/ready", "", nil)
		return status == http.StatusOK
	})
	return p
}

// warm makes what a process has anyway: pools, compiled queries, a grown heap.
func (p *process) warm(b *testing.B) {
	b.Helper()
	for range 50 {
		user := newID()
		client, _ := wstest.Connect(b, p.URL, p.auth.token(user, newID()))
		p.notify(user, "critical")
		client.Expect("notification")
		client.Cut()
	}
}

type memory struct{ resident, inUse, goroutines int64 }

// memory collects garbage a few times, which also shrinks stacks, and reads what is left.
func (p *process) memory(b *testing.B) (m memory) {
	b.Helper()
	for range 4 {
		p.get(b, "/debug/pprof/heap?gc=1")
	}
	for line := range strings.Lines(p.get(b, "/metrics")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes":
			m.inUse += int64(number)
		case "go_goroutines":
			m.goroutines = int64(number)
		}
	}
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", p.pid))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = status.Close() }()
	for scanner := bufio.NewScanner(status); scanner.Scan(); {
		if kib, ok := strings.CutPrefix(scanner.Text(), "VmRSS:"); ok {
			number, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kib), " kB"), 10, 64)
			m.resident = number << 10
		}
	}
	return m
}

func (p *process) get(b *testing.B, path string) string {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(p.admin + path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}
