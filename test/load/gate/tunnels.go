package main

import (
	"bufio"
	"context"
	"crypto/sha1" //nolint:gosec // RFC 6455 asks for it
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/loveapp/backend/shared/freeport"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/program"
	"github.com/loveapp/backend/test/world"
)

const (
	messageSize = 64 << 10
	goalKiB     = 16
	opened      = 32 // handshakes at once
)

// serveEcho accepts every WebSocket and sends back what it gets, byte by byte
// as it comes: the frames do not matter to a tunnel.
func serveEcho(ctx context.Context, _ []string, out io.Writer) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/health/ready", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/v1/ws", func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) //nolint:gosec // as above
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			base64.StdEncoding.EncodeToString(sum[:]))
		go echo(conn)
	})
	return program.Serve(ctx, mux, out)
}

func echo(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	piece := make([]byte, 4<<10)
	for {
		n, err := conn.Read(piece)
		if err != nil {
			return
		}
		if _, err := conn.Write(piece[:n]); err != nil {
			return
		}
	}
}

// tunnels compares the memory of idle tunnels.
func tunnels(t world.T, o options) string {
	t.Helper()
	service := self(t, "echo")
	all := []server{self(t, "gateway", service.addr), self(t, "bare", service.addr)}
	if path, err := exec.LookPath("nginx"); err == nil {
		all = append(all, nginx(t, path, service.addr))
	}
	b := heading("Memory of a WebSocket tunnel", fmt.Sprintf("tunnels -n %d", o.tunnels))
	fmt.Fprintf(b, "%d tunnels through each, one after the other; KiB a tunnel. The process's part is its memory (PSS)\n"+
		"after garbage was collected, less what it had before. The kernel's part is half of\n"+
		"what its socket buffers (/proc/net/sockstat) and slabs (/proc/slabinfo) have grown by:\n"+
		"two of each tunnel's four sockets are the proxy's. The kernel counts for the whole machine,\n"+
		"so nothing else should run. After the message, 64 KiB have gone through each tunnel and back.\n\n", o.tunnels)
	b.WriteString("| | process, idle | kernel, idle | **idle** | process, after | kernel, after | **after 64 KiB each** |\n|---|---|---|---|---|---|---|\n")
	ours := part{}
	for n, s := range all {
		await(t, s, "/health/ready")
		idle, after := hold(t, s, o)
		if n == 0 {
			ours = idle
		}
		fmt.Fprintf(b, "| %s | %.1f | %.1f | **%.1f** | %.1f | %.1f | **%.1f** |\n", s.name,
			idle.process, idle.kernel, idle.process+idle.kernel, after.process, after.kernel, after.process+after.kernel)
	}
	verdict := "reached"
	if ours.process+ours.kernel > goalKiB {
		verdict = "**missed**"
	}
	fmt.Fprintf(b, "\nThe goal of %d KiB an idle tunnel is %s.\n", goalKiB, verdict)
	return b.String()
}

// part is the memory of one tunnel in KiB.
type part struct{ process, kernel float64 }

func hold(t world.T, s server, o options) (idle, after part) {
	t.Helper()
	n := o.tunnels
	before, kernelBefore := settled(t, s, o.pause)
	conns := make([]net.Conn, n)
	defer func() {
		for _, c := range conns {
			if c != nil {
				_ = c.Close()
			}
		}
		time.Sleep(2 * o.pause) // until the kernel has taken them back, as far as the next one is concerned
	}()
	each(t, n, func(i int) (err error) { conns[i], err = open(t.Context(), s.addr); return err })
	read := func() part {
		rss, kernel := settled(t, s, o.pause)
		return part{float64(rss-before) / float64(n) / 1024, float64(kernel-kernelBefore) / 2 / float64(n) / 1024}
	}
	idle = read()
	message := make([]byte, messageSize)
	each(t, n, func(i int) error { return exchange(conns[i], message) })
	return idle, read()
}

func each(t world.T, n int, do func(i int) error) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(opened)
	for i := range n {
		group.Go(func() error { return do(i) })
	}
	if err := group.Wait(); err != nil {
		t.Fatalf("%v", err)
	}
}

func open(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, err = io.WriteString(conn, "GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	if err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 1<<10), nil)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return nil, fmt.Errorf("the handshake is answered %s", resp.Status)
	}
	return conn, nil
}

// exchange sends the message and waits until all of it is back.
func exchange(conn net.Conn, message []byte) error {
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	sent := make(chan error, 1)
	go func() { _, err := conn.Write(message); sent <- err }()
	if _, err := io.CopyN(io.Discard, conn, int64(len(message))); err != nil {
		return err
	}
	return <-sent
}

// settled has garbage collected and reads the memory of the process, and the kernel's.
func settled(t world.T, s server, pause time.Duration) (rss, kernel int64) {
	t.Helper()
	if s.name != nginxName {
		for range 3 { // stacks shrink by half each time
			_ = syscall.Kill(s.pid, syscall.SIGUSR1)
			time.Sleep(pause)
		}
	}
	time.Sleep(pause)
	usage, err := meter.Measure([]int{s.pid})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return usage[s.pid].PSS, kernelMemory()
}

const (
	nginxName = "nginx"
	nginxConf = `daemon off;
worker_processes 2;
pid %[1]s/nginx.pid;
error_log %[1]s/error.log error;
events { worker_connections 10000; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
	server {
		listen %[3]s;
		location / {
			proxy_pass http://%[2]s; proxy_http_version 1.1; proxy_read_timeout 1h;
			proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
		}
	}
}
`
)

func nginx(t world.T, path, service string) server {
	t.Helper()
	dir, addr := world.NewFolder(t), freeport.Addr(t)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, nginxConf, dir, service, addr), 0o600); err != nil {
		t.Fatalf("write %s: %v", file, err)
	}
	cmd := exec.Command(path, "-p", dir, "-c", file) //nolint:gosec,noctx // Debian's; stopped by its signal
	var said strings.Builder
	cmd.Stderr = &said
	return server{name: nginxName, addr: addr, pid: program.Start(t, cmd).PID()}
}
