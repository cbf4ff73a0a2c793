// Package fleet starts the driver's worker processes and speaks with them.
package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/loveapp/backend/shared/process"
	"github.com/loveapp/backend/test/load/internal/worker"
)

// Fleet is the running workers. Close it.
type Fleet struct {
	boats []*boat
	mu    sync.Mutex
	ticks []worker.Tick
}

// boat is one worker as its parent sees it.
type boat struct {
	child *process.Child
	in    io.WriteCloser
	out   io.ReadCloser
	read  *json.Decoder
	write *json.Encoder
}

// grace is for a worker to hang up; then it is killed.
const grace = 20 * time.Second

// Launch starts a process for each order and returns when all are ready. self
// is the command that runs worker.Run on its standard input and output.
func Launch(ctx context.Context, self func() *exec.Cmd, orders []worker.Order) (*Fleet, error) {
	f := &Fleet{ticks: make([]worker.Tick, len(orders))}
	for _, order := range orders {
		b, err := launch(self(), order)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.boats = append(f.boats, b)
	}
	stop := context.AfterFunc(ctx, f.interrupt)
	defer stop()
	err := f.together(func(_ int, b *boat) error {
		news, err := b.next()
		if err == nil && news.Ready == nil {
			err = errors.New("a worker is not ready, and does not say why")
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(ctx.Err(), err, f.Close())
	}
	return f, nil
}

func launch(cmd *exec.Cmd, order worker.Order) (*boat, error) {
	// Pipes of our own: exec's are closed when the process ends, read or not.
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), ourOut.Close())
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn, theirOut, os.Stderr
	cmd.SysProcAttr = process.OwnGroup(syscall.SIGKILL)
	child, err := process.Start(cmd)
	err = errors.Join(err, theirIn.Close(), theirOut.Close())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a worker: %w", err), ourIn.Close(), ourOut.Close())
	}
	b := &boat{child: child, in: ourOut, out: ourIn, read: json.NewDecoder(ourIn), write: json.NewEncoder(ourOut)}
	if err := b.write.Encode(order); err != nil {
		return nil, errors.Join(fmt.Errorf("give a worker its order: %w", err), b.close())
	}
	return b, nil
}

func (b *boat) next() (worker.News, error) {
	var news worker.News
	if err := b.read.Decode(&news); err != nil {
		return news, fmt.Errorf("a worker fell silent: %w", err)
	}
	if news.Error != "" {
		return news, errors.New(news.Error)
	}
	return news, nil
}

// Run starts the schedule everywhere and gives what came of it. The sockets
// stay open until Close.
func (f *Fleet) Run(ctx context.Context, start time.Time) (worker.Result, error) {
	stop := context.AfterFunc(ctx, f.interrupt)
	defer stop()
	results := make([]worker.Result, len(f.boats))
	err := f.together(func(i int, b *boat) error {
		if err := b.write.Encode(worker.Start{At: start}); err != nil {
			return fmt.Errorf("start a worker: %w", err)
		}
		for {
			news, err := b.next()
			switch {
			case err != nil:
				return err
			case news.Tick != nil:
				f.tick(i, *news.Tick)
			case news.Done != nil:
				results[i] = *news.Done
				return nil
			}
		}
	})
	return merge(results), errors.Join(ctx.Err(), err)
}

// Now is the state of all workers together, a second old at most.
func (f *Fleet) Now() worker.Tick {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all worker.Tick
	for _, t := range f.ticks {
		all.Good += t.Good
		all.Open += t.Open
	}
	return all
}

func (f *Fleet) tick(i int, t worker.Tick) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ticks[i] = t
}

// PIDs are the workers' processes.
func (f *Fleet) PIDs() []int {
	var pids []int
	for _, b := range f.boats {
		pids = append(pids, b.child.PID())
	}
	return pids
}

// Close has every worker hang up and waits for it.
func (f *Fleet) Close() error {
	return f.each(func(_ int, b *boat) error { return b.close() })
}

func (b *boat) close() error {
	err := b.in.Close()
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-b.child.Ended():
	case <-late.C:
		err = errors.Join(err, b.child.Stop(context.Background(), time.Second, syscall.SIGTERM))
	}
	return errors.Join(err, b.out.Close())
}

// interrupt ends the reading of what a worker says: it hangs up when nobody listens.
func (f *Fleet) interrupt() {
	for _, b := range f.boats {
		_ = b.child.Stop(context.Background(), time.Second, syscall.SIGTERM)
	}
}

func (f *Fleet) each(do func(i int, b *boat) error) error {
	errs := make([]error, len(f.boats))
	var doing sync.WaitGroup
	for i, b := range f.boats {
		doing.Go(func() { errs[i] = do(i, b) })
	}
	doing.Wait()
	return errors.Join(errs...)
}

// together is each where nobody goes on without the others.
func (f *Fleet) together(do func(i int, b *boat) error) error {
	var once sync.Once
	return f.each(func(i int, b *boat) error {
		err := do(i, b)
		if err != nil {
			once.Do(f.interrupt)
		}
		return err
	})
}

func merge(results []worker.Result) worker.Result {
	var all worker.Result
	all.Promised, all.Sockets.Count.Ended = map[string]int64{}, map[string]int64{}
	for _, r := range results {
		all.Sent += r.Sent
		all.Requests.Merge(r.Requests)
		for what, n := range r.Promised {
			all.Promised[what] += n
		}
		s := &all.Sockets
		s.Asked += r.Sockets.Asked
		s.AtStart += r.Sockets.AtStart
		s.Fewest += r.Sockets.Fewest
		s.Opening.Merge(r.Sockets.Opening)
		s.Deliveries.Merge(r.Sockets.Deliveries)
		s.Audit.Add(r.Sockets.Audit)
		s.Count.Reconnects += r.Sockets.Count.Reconnects
		for reason, n := range r.Sockets.Count.Ended {
			s.Count.Ended[reason] += n
		}
	}
	return all
}
