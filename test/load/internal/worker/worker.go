package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/crowd"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/traffic"
)

// silence: the server pings every 25 s; two missed ones are a dead line.
const silence = 60 * time.Second

// settling is how long the last messages may be on their way to sockets: what
// comes late is late, and not missing.
const settling = 20 * time.Second

// Run carries out the order that it reads from in and writes news to out. It
// returns when in has ended or ctx has.
func Run(ctx context.Context, in io.Reader, out io.Writer) error {
	commands, news := json.NewDecoder(in), json.NewEncoder(out)
	err := run(ctx, commands, news)
	if err != nil {
		err = errors.Join(err, news.Encode(News{Error: err.Error()}))
	}
	return err
}

func run(ctx context.Context, commands *json.Decoder, news *json.Encoder) error {
	var order Order
	if err := commands.Decode(&order); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	w, err := prepare(ctx, order)
	if err != nil {
		return err
	}
	defer w.close()
	w.connect(ctx)
	if err := w.traffic.Rehearse(ctx); err != nil {
		return err
	}
	if err := news.Encode(News{Ready: &Ready{Open: w.open()}}); err != nil {
		return err
	}
	var start Start
	if err := commands.Decode(&start); err != nil {
		return fmt.Errorf("wait for the start: %w", err)
	}
	if err := w.perform(ctx, start.At, news); err != nil {
		return err
	}
	var end struct{}
	if err := commands.Decode(&end); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("wait for the end: %w", err)
	}
	return nil
}

type worker struct {
	order                         Order
	client                        *client.Client
	crowd                         *crowd.Crowd // nil where there are no sockets
	traffic                       *traffic.Traffic
	requests, deliveries, opening *score.Board
	listeners                     []people.Person // who has a socket
	sent                          atomic.Int64
}

func prepare(ctx context.Context, order Order) (*worker, error) {
	w := &worker{
		order: order, client: client.New(order.Server, order.InFlight),
		requests: score.NewBoard(), deliveries: score.NewBoard(), opening: score.NewBoard(),
	}
	if order.Addresses < 1 || order.InFlight < 1 {
		return nil, errors.New("an order needs addresses and requests in flight")
	}
	phones := make([]*client.Phone, order.Addresses)
	for n := range phones {
		phones[n] = w.client.Phone(loopback.Addr(n))
	}
	asking := w.seat()
	var err error
	w.traffic, err = traffic.New(traffic.Config{
		Mix: order.Mix, Seed: order.Seed, Phone: func(n int) *client.Phone { return phones[n%len(phones)] },
		Persons: order.Persons, Admins: order.Admins, Listeners: asking, Accounts: order.Accounts, Circles: order.Circles, Reporters: order.Reporters, Helpers: order.Helpers,
		Requests: w.requests, Deliveries: w.deliveries,
	})
	if err != nil || len(w.listeners) == 0 {
		return w, err
	}
	w.crowd, err = crowd.New(ctx, crowd.Config{
		Server: order.Server, Addr: func(phone int) netip.Addr { return loopback.Addr(phone % order.Addresses) },
		Board: w.opening, Silence: silence, Shown: w.traffic.Shown,
	})
	return w, err
}

// seat decides who has a socket: the helpers of all circles, then persons. It
// gives the persons among them.
func (w *worker) seat() []people.Person {
	size := w.order.Reporters + w.order.Helpers
	for i, a := range w.order.Accounts[:min(w.order.Circles*size, len(w.order.Accounts))] {
		if i%size >= w.order.Reporters && len(w.listeners) < w.order.Sockets {
			w.listeners = append(w.listeners, a.Person)
		}
	}
	persons := w.order.Persons[:min(w.order.Sockets-len(w.listeners), len(w.order.Persons))]
	w.listeners = append(w.listeners, persons...)
	return persons
}

func (w *worker) connect(ctx context.Context) {
	if w.crowd != nil {
		w.crowd.Connect(ctx, w.listeners, w.order.ConnectRate)
	}
}

func (w *worker) open() int64 {
	if w.crowd == nil {
		return 0
	}
	return w.crowd.Open()
}

func (w *worker) close() {
	if w.crowd != nil {
		w.crowd.Close()
	}
	w.client.Close()
}

// perform goes through the schedule and reports.
func (w *worker) perform(ctx context.Context, start time.Time, news *json.Encoder) error {
	result := Result{Sockets: SocketsResult{Asked: w.order.Sockets, AtStart: w.open(), Opening: w.opening.Sheet()}}
	for _, board := range []*score.Board{w.requests, w.deliveries, w.opening} {
		board.Begin(start)
	}
	watch := w.watch(start, news)
	arrivals.Run(ctx, start, arrivals.Poisson(w.order.Phases, w.order.Seed), func(due time.Time) {
		w.sent.Add(1)
		w.traffic.Send(ctx, due)
	})
	fewest, err := watch()
	if err := errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	w.traffic.Wait()
	w.settle(ctx)
	result.Sent, result.Requests = w.sent.Load(), w.requests.Sheet()
	result.Sockets.Fewest, result.Sockets.Deliveries, result.Sockets.Audit = fewest, w.deliveries.Sheet(), w.traffic.Audit()
	if w.crowd != nil {
		result.Sockets.Count = w.crowd.Count()
	}
	result.Promised = w.traffic.Promised()
	w.traffic.TidyUp(ctx)
	return news.Encode(News{Done: &result})
}

// watch ticks until the function that it gives is called, which tells the fewest sockets seen.
func (w *worker) watch(start time.Time, news *json.Encoder) (stop func() (int64, error)) {
	ended, fewest, failed := make(chan struct{}), w.open(), error(nil)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		next := time.NewTimer(time.Until(start))
		defer next.Stop()
		for {
			select {
			case <-next.C:
				next.Reset(time.Second)
			case <-ended:
				return
			}
			fewest = min(fewest, w.open())
			failed = errors.Join(failed, news.Encode(News{Tick: &Tick{Good: w.requests.Good(), Open: w.open()}}))
		}
	}()
	return func() (int64, error) {
		close(ended)
		<-stopped
		return fewest, failed
	}
}

// settle gives the last messages their time.
func (w *worker) settle(ctx context.Context) {
	late := time.NewTimer(settling)
	defer late.Stop()
	look := time.NewTicker(settling / 100)
	defer look.Stop()
	for w.traffic.Audit().Missing > 0 {
		select {
		case <-look.C:
		case <-late.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
