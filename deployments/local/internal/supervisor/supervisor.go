// Package supervisor starts the processes of a stack in order, keeps them
// running, and stops them in reverse.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/control"
	"github.com/loveapp/backend/deployments/local/internal/front"
	"github.com/loveapp/backend/deployments/local/internal/pgcluster"
	"github.com/loveapp/backend/deployments/local/internal/rediscluster"
	"github.com/loveapp/backend/deployments/local/internal/topology"
	"github.com/loveapp/backend/deployments/local/internal/unit"
	"github.com/loveapp/backend/shared/process"
	"golang.org/x/sync/errgroup"
)

const (
	startLimit = 60 * time.Second
	stopLimit  = 60 * time.Second
)

// The phases that the status shows.
const (
	Starting = "starting"
	Up       = "up"
	Failed   = "failed"
	Stopping = "stopping"
)

// Supervisor runs one stack.
type Supervisor struct {
	plan     *topology.Plan
	logger   *slog.Logger
	database *pgcluster.Cluster
	redis    *rediscluster.Redis
	services []service
	nginx    *unit.Unit
	armed    arming
	down     context.CancelFunc

	mu    sync.Mutex
	phase string
	why   error
}

type service struct {
	topology.Service
	unit *unit.Unit
}

// New plans every process.
func New(plan *topology.Plan, logger *slog.Logger) (*Supervisor, error) {
	s := &Supervisor{plan: plan, logger: logger, phase: Starting}
	var err error
	if s.database, err = pgcluster.New(plan, logger); err != nil {
		return nil, err
	}
	if s.redis, err = rediscluster.New(plan, logger); err != nil {
		return nil, err
	}
	for _, planned := range plan.Services() {
		u, err := front.Service(plan, planned, logger, func() []string { return s.armed.take(planned.Name) })
		if err != nil {
			return nil, err
		}
		s.services = append(s.services, service{planned, u})
	}
	s.nginx, err = front.Nginx(plan, logger)
	return s, err
}

// Run is the whole life of a stack: it holds the folder, starts everything,
// answers on the control socket, and stops everything when ctx ends or Down is asked.
func (s *Supervisor) Run(ctx context.Context) error {
	lock, err := process.LockFolder(s.plan.Dir)
	if err != nil {
		return err
	}
	defer lock.Release()
	ctx, s.down = context.WithCancel(ctx)
	defer s.down()
	socket, err := control.Listen(ctx, s.plan.Socket())
	if err != nil {
		return err
	}
	var answering sync.WaitGroup
	answering.Go(func() { control.Serve(socket, s.Handle) })
	if err := s.start(ctx); err != nil {
		s.enter(Failed, err)
		s.logger.Error("start failed", "error", err)
	} else {
		s.enter(Up, nil)
		s.logger.Info("up")
		<-ctx.Done()
		s.enter(Stopping, nil)
	}
	stopped := s.stop(context.WithoutCancel(ctx))
	s.linger()
	_ = socket.Close()
	answering.Wait()
	return errors.Join(s.failure(), stopped)
}

// linger gives whoever waits for the start the chance to read why it failed.
func (s *Supervisor) linger() {
	if s.failure() != nil {
		time.Sleep(time.Second)
	}
}

func (s *Supervisor) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	var stores errgroup.Group
	stores.Go(func() error { return s.database.Start(ctx) })
	stores.Go(func() error { return s.redis.Start(ctx) })
	if err := stores.Wait(); err != nil {
		return err
	}
	for _, kind := range []string{"auth", "notification", "sos", "gateway"} {
		if err := s.startKind(ctx, kind); err != nil {
			return err
		}
	}
	if err := front.PrepareNginx(s.plan); err != nil {
		return err
	}
	return startUnit(ctx, s.plan, s.nginx)
}

// startKind starts the first instance of a kind alone: it migrates, the others find it done.
func (s *Supervisor) startKind(ctx context.Context, kind string) error {
	var others errgroup.Group
	first := true
	for _, one := range s.services {
		if one.Kind != kind {
			continue
		}
		if first {
			first = false
			if err := startUnit(ctx, s.plan, one.unit); err != nil {
				return err
			}
			continue
		}
		others.Go(func() error { return startUnit(ctx, s.plan, one.unit) })
	}
	return others.Wait()
}

func startUnit(ctx context.Context, plan *topology.Plan, u *unit.Unit) error {
	if err := os.MkdirAll(plan.Work(u.Name()), 0o700); err != nil {
		return fmt.Errorf("make the folder of %s: %w", u.Name(), err)
	}
	if err := u.Start(); err != nil {
		return err
	}
	return u.AwaitHealthy(ctx)
}

// stop goes from the door inwards, so that nobody is asked for what is gone.
func (s *Supervisor) stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopLimit)
	defer cancel()
	errs := []error{s.nginx.Stop(ctx)}
	for _, kind := range []string{"gateway", "sos", "notification", "auth"} {
		var stops errgroup.Group
		for _, one := range s.services {
			if one.Kind == kind {
				stops.Go(func() error { return one.unit.Stop(ctx) })
			}
		}
		errs = append(errs, stops.Wait())
	}
	errs = append(errs, s.redis.Stop(ctx), s.database.Stop(ctx))
	Sweep(ctx, s.plan, s.logger)
	return errors.Join(errs...)
}

// Sweep ends whatever still works in the stack's folder. Every process of a
// stack has its folder there, so a crashed supervisor's children are found even
// where the kernel did not end them with it.
func Sweep(ctx context.Context, plan *topology.Plan, logger *slog.Logger) {
	dir := plan.Work("")
	left := process.InFolder(dir)
	if len(left) == 0 {
		return
	}
	logger.Warn("ending processes that an earlier run left behind", "pids", left)
	process.SignalFolder(dir, syscall.SIGCONT)
	process.SignalFolder(dir, syscall.SIGTERM)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(3 * time.Second)
	for len(process.InFolder(dir)) > 0 {
		select {
		case <-tick.C:
			continue
		case <-limit:
		case <-ctx.Done():
		}
		process.SignalFolder(dir, syscall.SIGKILL)
		return
	}
}

func (s *Supervisor) enter(phase string, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = phase
	s.why = errors.Join(s.why, why)
}

func (s *Supervisor) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.why
}
