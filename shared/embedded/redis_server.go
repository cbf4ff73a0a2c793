package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/process"

	"github.com/loveapp/backend/shared/config"
)

// redisGrace is what redis-server gets to write its append-only file at the end.
const redisGrace = 5 * time.Second

// redisServer is one redis-server to be started.
type redisServer struct {
	program string
	dir     string // "" keeps nothing
	work    string // where it runs: dir, or a folder that is removed at the end
	lock    *process.FolderLock
}

func startRedisServer(ctx context.Context, program string, o RedisOptions) (*Redis, error) {
	s := &redisServer{program: program}
	if err := s.prepare(ctx, o); err != nil {
		s.cleanup()
		return nil, err
	}
	for range startTries {
		r, err := s.start(ctx)
		if errors.Is(err, errPortTaken) {
			continue
		}
		if err != nil {
			s.cleanup()
			return nil, err
		}
		return r, nil
	}
	s.cleanup()
	return nil, errPortTaken
}

func (s *redisServer) prepare(ctx context.Context, o RedisOptions) (err error) {
	if o.Dir == "" {
		s.work, err = os.MkdirTemp("", "loveapp-redis-*")
		return err
	}
	if s.dir, err = filepath.Abs(o.Dir); err != nil {
		return fmt.Errorf("data folder %s: %w", o.Dir, err)
	}
	s.work = s.dir
	if err := prepareFolder(s.dir); err != nil {
		return err
	}
	if s.lock, err = process.LockFolder(s.dir); err != nil {
		return err
	}
	pid, _, ok := readPIDFile(s.pidFile())
	if ok && process.Alive(pid) && process.Runs(pid, "redis-server", s.dir) {
		o.Logger.Warn("stopping a Redis server that an earlier crash left behind", "pid", pid)
		return process.EndOrphan(ctx, pid, syscall.SIGTERM, syscall.SIGKILL)
	}
	return nil
}

func (s *redisServer) pidFile() string { return filepath.Join(s.work, "redis.pid") }
func (s *redisServer) logFile() string { return filepath.Join(s.work, "redis.log") }

// settings go through stdin: a command line shows its password to every user of the machine.
func (s *redisServer) settings(addr config.HostPort, password config.Secret) string {
	lines := []string{
		"bind " + addr.Host,
		"port " + strconv.Itoa(addr.Port),
		"requirepass " + password.Value(),
		"dir " + strconv.Quote(s.work),
		"pidfile " + strconv.Quote(s.pidFile()),
		"daemonize no",
		`save ""`,
	}
	if s.dir != "" {
		lines = append(lines, "appendonly yes", "appendfsync everysec")
	}
	return strings.Join(lines, "\n") + "\n"
}

func (s *redisServer) start(ctx context.Context) (*Redis, error) {
	addr, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	log, err := openLog(s.logFile())
	if err != nil {
		return nil, err
	}
	defer log.close()
	password := randomSecret()
	cmd := exec.Command(s.program, "-") //nolint:gosec // from the PATH
	cmd.Dir = s.work
	cmd.Stdin = strings.NewReader(s.settings(addr, password))
	cmd.Stdout, cmd.Stderr = log.file, log.file
	cmd.SysProcAttr = process.OwnGroup(onRedisParentDeath)
	server, err := process.Start(cmd)
	if err != nil {
		return nil, fmt.Errorf("start redis-server: %w", err)
	}
	if err := s.awaitReady(ctx, server, log, addr, password); err != nil {
		_ = server.Stop(context.WithoutCancel(ctx), time.Second, syscall.SIGTERM)
		return nil, err
	}
	return s.running(server, addr, password), nil
}

func (s *redisServer) running(server *process.Child, addr config.HostPort, password config.Secret) *Redis {
	return &Redis{addr: addr, password: password, exited: server.Watch("embedded Redis"), stop: func(ctx context.Context) error {
		err := server.Stop(ctx, redisGrace, s.farewell())
		s.cleanup()
		return err
	}}
}

// farewell: an orderly end takes redis-server 100 ms, and where nothing is kept there is nothing to order.
func (s *redisServer) farewell() syscall.Signal {
	if s.dir == "" {
		return syscall.SIGKILL
	}
	return syscall.SIGTERM
}

func (s *redisServer) cleanup() {
	if s.lock != nil {
		s.lock.Release()
	}
	if s.dir == "" && s.work != "" {
		_ = os.RemoveAll(s.work)
	}
}
