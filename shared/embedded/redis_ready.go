package embedded

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/process"

	"github.com/loveapp/backend/shared/config"
)

// awaitReady asks PING until the answer is PONG; while the append-only file is
// read the answer is LOADING.
func (s *redisServer) awaitReady(ctx context.Context, server *process.Child, log *serverLog, addr config.HostPort, password config.Secret) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("redis-server was not ready after %s", startLimit))
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if answersPing(ctx, addr, password) {
			return nil
		}
		select {
		case <-tick.C:
		case <-server.Ended():
			return log.why(server, "redis-server", "bind: Address already in use")
		case <-ctx.Done():
			return fmt.Errorf("start redis-server in %s: %w", s.work, context.Cause(ctx))
		}
	}
}

// answersPing speaks the inline form of the protocol: two lines need no client library.
func answersPing(ctx context.Context, addr config.HostPort, password config.Secret) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr.Addr())
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\n", password.Value()); err != nil {
		return false
	}
	answer := bufio.NewReader(conn)
	auth, errAuth := answer.ReadString('\n')
	ping, errPing := answer.ReadString('\n')
	return errAuth == nil && errPing == nil && strings.HasPrefix(auth, "+OK") && strings.HasPrefix(ping, "+PONG")
}
