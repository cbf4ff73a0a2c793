package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/adapters/proxy"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/httpserver"
)

// pair gives the two ends of a TCP connection.
func pair(tb testing.TB) (outer, inner *net.TCPConn) {
	tb.Helper()
	l, err := httpserver.Listen(tb.Context(), "127.0.0.1", 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dialled, err := (&net.Dialer{}).DialContext(tb.Context(), "tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	accepted, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _, _ = dialled.Close(), accepted.Close() })
	return dialled.(*net.TCPConn), accepted.(*net.TCPConn)
}

// tunnel gives a client's and a service's end of one.
func tunnel(tb testing.TB, p *proxy.Proxy) (client, service *net.TCPConn) {
	tb.Helper()
	client, inner := pair(tb)
	service, outer := pair(tb)
	if !p.OpenTunnel(inner, outer) {
		tb.Fatal("refused")
	}
	for _, c := range []*net.TCPConn{client, service} {
		_ = c.SetDeadline(time.Now().Add(2 * time.Minute))
	}
	return client, service
}

func carriers(t *testing.T, test func(t *testing.T, p *proxy.Proxy)) {
	t.Helper()
	for name, prepare := range map[string]func(*proxy.Proxy){
		"polled": func(*proxy.Proxy) {}, "waiting": (*proxy.Proxy).NoPoller, "copying": (*proxy.Proxy).CopyOnly,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t)
			prepare(p)
			test(t, p)
			p.CloseTunnels(t.Context())
			if n := p.Tunnels(); n != 0 {
				t.Errorf("%d tunnels are left", n)
			}
		})
	}
}

func TestATunnelCarriesEverythingInOrderBothWays(t *testing.T) {
	t.Parallel()
	carriers(t, func(t *testing.T, p *proxy.Proxy) {
		client, service := tunnel(t, p)
		var group sync.WaitGroup
		for _, way := range [][2]*net.TCPConn{{client, service}, {service, client}} {
			sent := make([]byte, 3<<20)
			for i := range sent {
				sent[i] = byte(rand.Uint32())
			}
			group.Go(func() {
				for rest := sent; len(rest) > 0; { // in odd sizes
					n := min(len(rest), 1+rand.IntN(90_000))
					if _, err := way[0].Write(rest[:n]); err != nil {
						t.Error(err)
						return
					}
					rest = rest[n:]
				}
			})
			group.Go(func() {
				got := make([]byte, len(sent))
				if _, err := io.ReadFull(way[1], got); err != nil || !bytes.Equal(got, sent) {
					t.Errorf("something else arrived, %v", err)
				}
			})
		}
		group.Wait()
	})
}

func TestASideThatHasFinishedStillHearsTheOther(t *testing.T) {
	t.Parallel()
	carriers(t, func(t *testing.T, p *proxy.Proxy) {
		client, service := tunnel(t, p)
		if _, err := io.WriteString(client, "last words"); err != nil {
			t.Fatal(err)
		}
		_ = client.CloseWrite()
		if got, err := io.ReadAll(service); string(got) != "last words" || err != nil {
			t.Errorf("the service heard %q, %v", got, err)
		}
		if _, err := io.WriteString(service, "farewell"); err != nil {
			t.Fatal(err)
		}
		_ = service.Close()
		if got, err := io.ReadAll(client); string(got) != "farewell" || err != nil {
			t.Errorf("the client heard %q, %v", got, err)
		}
		waitForTunnels(t, p, 0)
	})
}

func TestASideThatBreaksOffEndsTheTunnel(t *testing.T) {
	t.Parallel()
	carriers(t, func(t *testing.T, p *proxy.Proxy) {
		client, service := tunnel(t, p)
		_ = client.SetLinger(0)
		_ = client.Close() // a reset
		if _, err := io.Copy(io.Discard, service); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("the service is not told")
		}
		waitForTunnels(t, p, 0)
	})
}

func waitForTunnels(t *testing.T, p *proxy.Proxy, want int) {
	t.Helper()
	eventually.True(t, strconv.Itoa(want)+" tunnels", func() bool { return p.Tunnels() == want }, func() string { return strconv.Itoa(p.Tunnels()) })
}

func TestClosingEndsAllTunnelsWithinItsTimeAndTakesNoMore(t *testing.T) {
	t.Parallel()
	p := open(t)
	var clients []*net.TCPConn
	for range 50 {
		client, _ := tunnel(t, p)
		clients = append(clients, client)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	p.CloseTunnels(ctx)
	if p.Tunnels() != 0 || ctx.Err() != nil {
		t.Errorf("%d tunnels are left, %v", p.Tunnels(), ctx.Err())
	}
	for _, c := range clients {
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a client is not told: %v", err)
		}
	}
	_, inner := pair(t)
	if p.OpenTunnel(inner, inner) {
		t.Error("another one is taken")
	}
}

// A tunnel that holds its buffers costs 64 KiB and more; the bound leaves room
// for goroutines and the test's own ends.
func TestIdleTunnelsHoldNoBuffers(t *testing.T) { //nolint:paralleltest // it looks at the memory of the whole process
	const tunnels, most = 400, 16 << 10
	p := open(t)
	before := inUse()
	ends := make([][2]*net.TCPConn, tunnels)
	for i := range ends {
		ends[i][0], ends[i][1] = tunnel(t, p)
	}
	message, got := make([]byte, 64<<10), make([]byte, 64<<10)
	for _, e := range ends {
		for _, way := range [][2]*net.TCPConn{{e[0], e[1]}, {e[1], e[0]}} {
			go func() { _, _ = way[0].Write(message) }()
			if _, err := io.ReadFull(way[1], got); err != nil {
				t.Fatal(err)
			}
		}
	}
	each := (inUse() - before) / tunnels
	t.Logf("%d bytes for each idle tunnel after 64 KiB each way", each)
	if each > most {
		t.Errorf("each holds %d bytes", each)
	}
	p.CloseTunnels(t.Context())
}

// inUse is heap and stacks after everything that is not needed is gone; pools
// give up what they hold after two collections.
func inUse() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
