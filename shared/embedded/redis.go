package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"syscall"

	"github.com/loveapp/backend/shared/config"
)

// RedisOptions say where the data lives.
type RedisOptions struct {
	// Dir holds the append-only file and the log. Empty keeps nothing: for tests.
	Dir    string
	Logger *slog.Logger
}

// Redis is a private server: redis-server as a child where it is installed,
// else a stand-in inside this process that forgets everything at the end.
type Redis struct {
	addr      config.HostPort
	password  config.Secret
	inProcess bool
	exited    <-chan error
	stop      func(context.Context) error
}

// StartRedis returns once the server answers. Nothing in Redis is the only copy
// of anything, so a machine without redis-server is served in process.
func StartRedis(ctx context.Context, o RedisOptions) (*Redis, error) {
	if o.Logger == nil {
		return nil, errors.New("embedded: StartRedis needs a Logger")
	}
	program, err := exec.LookPath("redis-server")
	if err != nil {
		o.Logger.Warn("redis-server is not installed: an in-process stand-in is used, which one small server can live with")
		return startInProcess()
	}
	return startRedisServer(ctx, program, o)
}

// Addr is where it listens.
func (r *Redis) Addr() config.HostPort { return r.addr }

// Password is random and new at each start.
func (r *Redis) Password() config.Secret { return r.password }

// InProcess says whether it is the stand-in.
func (r *Redis) InProcess() bool { return r.inProcess }

// Exited gives one error when the server ends without having been stopped, and
// is closed once it is gone.
func (r *Redis) Exited() <-chan error { return r.exited }

// Stop saves and ends the server; when ctx ends, at once.
func (r *Redis) Stop(ctx context.Context) error {
	if err := r.stop(ctx); err != nil {
		return fmt.Errorf("embedded Redis: %w", err)
	}
	return nil
}

const onRedisParentDeath = syscall.SIGTERM // lets it write the end of the append-only file
