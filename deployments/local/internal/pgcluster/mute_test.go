package pgcluster_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/pgcluster"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/shared/config"
)

// Whoever waits for the answer of a server that froze in the middle of a
// question never comes to replace it.
func TestAServerThatFreezesInMidQuestionIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	welcomed := make(chan net.Conn, 1)
	go welcome(l, welcomed)
	plan, err := topology.New(t.TempDir(), "", topology.DefaultPortBase, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		answer <- pgcluster.Ping(ctx, plan, config.HostPort{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port})
	}()
	conn := <-welcomed
	t.Cleanup(func() { _ = conn.Close(); _ = l.Close() })
	cancel()
	select {
	case err := <-answer:
		if err == nil {
			t.Error("a server that says nothing counts as healthy")
		}
	case <-time.After(limit):
		t.Error("the question has no end")
	}
}

// welcome lets one client in and reads its question.
func welcome(l net.Listener, welcomed chan<- net.Conn) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	const authenticated, idle = "R\x00\x00\x00\x08\x00\x00\x00\x00", "Z\x00\x00\x00\x05I"
	buffer := make([]byte, 4096)
	_, _ = conn.Read(buffer) // the startup message
	_, _ = conn.Write([]byte(authenticated + idle))
	_, _ = conn.Read(buffer) // SELECT 1
	welcomed <- conn
}
