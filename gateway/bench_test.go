package gateway_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/gatewaytest"
	"github.com/loveapp/backend/gateway/internal/adapters/redisstore"
	"github.com/loveapp/backend/shared/httpserver"
	"github.com/loveapp/backend/shared/logging"
	"github.com/loveapp/backend/shared/redispool/redistest"
)

// The pair to compare: everything the gateway does, and a bare ReverseProxy
// with the same transport settings, before the same trivial service. The client
// is as thin as it can be, for it shares the machine.

func trivial(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"unreadCount":0}`)
}

func BenchmarkGateway(b *testing.B) { benchmarkGateway(b, nil) }

// BenchmarkGatewayOnRedis counts limits where several gateways would: one round trip more.
func BenchmarkGatewayOnRedis(b *testing.B) {
	pool := redistest.New(b)
	limiter, err := redisstore.NewLimiter(redisstore.Config{Pool: pool, Keep: 2 * time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	benchmarkGateway(b, limiter)
}

func benchmarkGateway(b *testing.B, limiter *redisstore.Limiter) {
	b.Helper()
	logger, lines := logging.NewBatch(io.Discard, "gateway", "info") // as in production
	b.Cleanup(func() { _ = lines.Close() })
	people, notify := newPeople(b), serve(b, trivial)
	o := gatewaytest.Options{
		AuthURLs: []string{people.URL}, NotificationURLs: []string{notify.URL},
		Short: "1000000/1m", Medium: "1000000/10m", Long: "1000000/1h", General: "1000000/1s",
		Logger: logger,
	}
	var g *gatewaytest.Gateway
	if limiter == nil {
		g = gatewaytest.Start(b, o)
	} else {
		g = gatewaytest.StartOn(b, o, limiter)
	}
	load(b, g.URL, people.bearer(b, "alice"))
}

func BenchmarkBareReverseProxy(b *testing.B) {
	notify := serve(b, trivial)
	target, err := url.Parse(notify.URL)
	if err != nil {
		b.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:    func(r *httputil.ProxyRequest) { r.SetURL(target); r.SetXForwarded() },
		Transport:  &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 512, IdleConnTimeout: 75 * time.Second},
		BufferPool: &bytesPool{},
	}
	l, err := httpserver.Listen(b.Context(), "127.0.0.1", 0)
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() { _ = server.Close(); proxy.Transport.(*http.Transport).CloseIdleConnections() })
	load(b, "http://"+l.Addr().String(), "Bearer x")
}

type bytesPool struct{ pool sync.Pool }

func (p *bytesPool) Get() []byte {
	if b, ok := p.pool.Get().(*[32 << 10]byte); ok {
		return b[:]
	}
	return make([]byte, 32<<10)
}

func (p *bytesPool) Put(b []byte) { p.pool.Put((*[32 << 10]byte)(b)) }

// cpu is what the process has used; on a shared machine it says more than the clock.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// load asks for the unread count over 32 connections a core.
func load(b *testing.B, url, bearer string) {
	b.Helper()
	request := []byte("GET /v1/notifications/unread-count HTTP/1.1\r\nHost: x\r\nUser-Agent: bench\r\nAccept: application/json\r\nAuthorization: " + bearer + "\r\n\r\n")
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	defer func() { b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op") }()
	b.RunParallel(func(pb *testing.PB) {
		conn := dial(b, url)
		_ = conn.SetDeadline(time.Now().Add(5 * time.Minute))
		reader := bufio.NewReaderSize(conn, 4<<10)
		for pb.Next() {
			if _, err := conn.Write(request); err != nil {
				b.Error(err)
				return
			}
			if err := skipAnswer(reader); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func skipAnswer(r *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.Contains(line, []byte(" 200 ")) {
			return notOKError(line)
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
		if len(line) == 2 {
			_, err := r.Discard(length)
			return err
		}
	}
}

type notOKError []byte

func (e notOKError) Error() string { return string(e) }
