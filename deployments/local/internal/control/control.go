// Package control lets commands talk to the supervisor of a stack: one JSON
// request and one JSON answer on a unix socket in the stack's folder.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// callLimit is above what stopping everything takes.
const callLimit = 2 * time.Minute

// The operations.
const (
	Status   = "status"
	Signal   = "signal"
	FlushAll = "flushall"
	Arm      = "arm"
	Down     = "down"
)

// ErrNotRunning: nobody listens on the socket.
var ErrNotRunning = errors.New("the stack is not running: start it with `make stack-up`")

// Request is what a command asks.
type Request struct {
	Op     string `json:"op"`
	Name   string `json:"name,omitempty"`   // of a process
	Signal string `json:"signal,omitempty"` // KILL, STOP, CONT, TERM …
	Point  string `json:"point,omitempty"`  // where to die: commit.after:3
}

// Answer is what the supervisor says.
type Answer struct {
	Error     string    `json:"error,omitempty"`
	Phase     string    `json:"phase,omitempty"` // starting, up, failed or stopping
	URL       string    `json:"url,omitempty"`
	Processes []Process `json:"processes,omitempty"`
}

// Process is one line of the status.
type Process struct {
	Name        string `json:"name"`
	Role        string `json:"role,omitempty"`
	PID         int    `json:"pid"`
	Addr        string `json:"addr"`
	MetricsAddr string `json:"metricsAddr,omitempty"`
	Healthy     bool   `json:"healthy"`
	Restarts    int    `json:"restarts"`
	Starts      int    `json:"starts"`
}

// Serve answers requests on the listener until it is closed.
func Serve(l net.Listener, handle func(context.Context, Request) Answer) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go answer(conn, handle)
	}
}

func answer(conn net.Conn, handle func(context.Context, Request) Answer) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(callLimit))
	var req Request
	if err := json.NewDecoder(conn).Decode(&req); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	_ = json.NewEncoder(conn).Encode(handle(ctx, req)) // a caller that left needs no answer
}

// Call asks the supervisor behind the socket.
func Call(ctx context.Context, socket string, req Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return Answer{}, ErrNotRunning
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(req); err != nil {
		return Answer{}, fmt.Errorf("ask the supervisor: %w", err)
	}
	var a Answer
	if err := json.NewDecoder(conn).Decode(&a); err != nil {
		return Answer{}, fmt.Errorf("hear the supervisor: %w", err)
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// Listen makes the socket; the caller holds the folder's lock, so what is there is a leftover.
func Listen(ctx context.Context, socket string) (net.Listener, error) {
	if err := os.RemoveAll(socket); err != nil {
		return nil, fmt.Errorf("remove an old control socket: %w", err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("make the control socket: %w", err)
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("close the control socket to others: %w", err), l.Close())
	}
	return l, nil
}
