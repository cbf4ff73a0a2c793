package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gobwas/ws"

	"github.com/loveapp/backend/shared/httpserver"
)

// stamp is where a message has the time at which it was sent.
const stamp = "@NOW@"

// serveFloor is the least that a server can do: it writes one frame to each
// connection with write(2), one after the other. Its first line says where it
// listens; each line that it reads is a message to write.
func serveFloor(ctx context.Context, in io.Reader, out io.Writer) error {
	l, err := httpserver.Listen(ctx, "127.0.0.1", 0)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	if err := json.NewEncoder(out).Encode(l.Addr().String()); err != nil {
		return err
	}
	var raw []syscall.RawConn
	ready := make(chan syscall.RawConn, mostSockets)
	go accept(l, ready)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		for len(ready) > 0 {
			raw = append(raw, <-ready)
		}
		text := strings.Replace(lines.Text(), stamp, strconv.FormatInt(time.Now().UnixNano(), 10), 1)
		frame, err := ws.CompileFrame(ws.NewTextFrame([]byte(text)))
		if err != nil {
			return err
		}
		if err := writeAll(raw, frame); err != nil {
			return err
		}
	}
	return lines.Err()
}

func accept(l net.Listener, ready chan<- syscall.RawConn) {
	var held []net.Conn // else they would be collected, and closed with that
	for {
		conn, err := l.Accept()
		if err != nil {
			break
		}
		direct, isTCP := conn.(*net.TCPConn)
		if !isTCP {
			continue
		}
		held = append(held, conn)
		if raw, err := direct.SyscallConn(); err == nil {
			ready <- raw
		}
	}
	for _, conn := range held {
		_ = conn.Close()
	}
}

func writeAll(raw []syscall.RawConn, frame []byte) error {
	var failed error
	for _, r := range raw {
		err := r.Write(func(fd uintptr) bool {
			if n, err := syscall.Write(int(fd), frame); err != nil || n < len(frame) {
				failed = fmt.Errorf("the kernel took %d of %d bytes: %w", n, len(frame), errors.Join(err))
			}
			return true
		})
		if err := errors.Join(err, failed); err != nil {
			return err
		}
	}
	return nil
}
