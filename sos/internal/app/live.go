package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// liveTickets is how many tickets may wait to be shown; what happens to others then is not.
	liveTickets = 10_000
	// liveWaiting is how many events of one ticket may wait; the oldest give way.
	liveWaiting = 32
	// liveHands show side by side.
	liveHands = 4
	// liveLimit bounds showing one event, and liveTries closing a room: who is
	// not put out of it would go on seeing what is none of their business any more.
	liveLimit = time.Second
	liveTries = 5
	livePause = 500 * time.Millisecond
)

// Live shows what happens to tickets to those who follow them. Whoever causes
// an event never waits for it.
type Live struct {
	rooms  ports.Rooms
	logger *slog.Logger
	woken  chan struct{}

	mu      sync.Mutex
	waiting map[domain.TicketID]*scene
	order   []domain.TicketID // those with something to show that nobody has in hand
	dropped int
}

// scene is what waits of one ticket.
type scene struct {
	events []domain.LiveEvent
	ended  bool
}

// NewLive makes it; Run does the work.
func NewLive(rooms ports.Rooms, logger *slog.Logger) (*Live, error) {
	if rooms == nil || logger == nil {
		return nil, errors.New("sos: showing live lacks something it needs")
	}
	return &Live{rooms: rooms, logger: logger, woken: make(chan struct{}, liveHands), waiting: map[domain.TicketID]*scene{}}, nil
}

// show queues events of one ticket. Of places only the newest is worth showing.
func (l *Live) show(events ...domain.LiveEvent) {
	if len(events) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	id := events[0].Ticket
	s := l.waiting[id]
	if s == nil {
		if len(l.waiting) >= liveTickets {
			l.dropped += len(events)
			return
		}
		s = &scene{}
		l.waiting[id] = s
		l.order = append(l.order, id)
	}
	for _, e := range events {
		s.add(e)
	}
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (s *scene) add(e domain.LiveEvent) {
	s.ended = e.Status.Closed()
	if e.Kind == domain.LiveLocation {
		for i, other := range s.events {
			if other.Kind == domain.LiveLocation {
				s.events = append(s.events[:i], s.events[i+1:]...)
				break
			}
		}
	}
	if len(s.events) == liveWaiting {
		s.events = s.events[1:]
	}
	s.events = append(s.events, e)
}

// Run shows until ctx ends.
func (l *Live) Run(ctx context.Context) error {
	var group sync.WaitGroup
	health := newMood(l.logger, "showing live")
	for range liveHands {
		group.Go(func() { l.work(ctx, health) })
	}
	group.Wait()
	return nil
}

func (l *Live) work(ctx context.Context, health *mood) {
	for ctx.Err() == nil {
		id, events, ended, found := l.take()
		if !found {
			select {
			case <-l.woken:
			case <-ctx.Done():
			}
			continue
		}
		err := l.tell(ctx, events)
		if ended {
			err = errors.Join(err, l.end(ctx, id))
		}
		health.note(ctx, err)
		l.putBack(id)
	}
}

// take gives one ticket's events to one hand at a time, so that they are shown in order.
func (l *Live) take() (id domain.TicketID, events []domain.LiveEvent, ended, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.order) == 0 {
		return "", nil, false, false
	}
	id, l.order = l.order[0], l.order[1:]
	s := l.waiting[id]
	events, ended = s.events, s.ended
	s.events, s.ended = nil, false
	return id, events, ended, true
}

func (l *Live) putBack(id domain.TicketID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.waiting[id]
	if len(s.events) > 0 {
		l.order = append(l.order, id)
		return
	}
	delete(l.waiting, id)
	if l.dropped > 0 && len(l.waiting) == 0 {
		l.logger.Warn("too much happened at once to be shown live", slog.Int("events", l.dropped))
		l.dropped = 0
	}
}

func (l *Live) tell(ctx context.Context, events []domain.LiveEvent) error {
	var failures []error
	for _, e := range events {
		within, cancel := context.WithTimeout(ctx, liveLimit)
		failures = append(failures, l.rooms.Tell(within, e))
		cancel()
	}
	return errors.Join(failures...)
}

// putOut puts one person out of the room, which stays open.
func (l *Live) putOut(ctx context.Context, id domain.TicketID, user domain.UserID) error {
	within, cancel := context.WithTimeout(ctx, liveLimit)
	defer cancel()
	return l.rooms.CloseRoom(within, id, user)
}

// end cuts the stream: the ticket is closed.
func (l *Live) end(ctx context.Context, id domain.TicketID) error {
	for try := 1; ; try++ {
		within, cancel := context.WithTimeout(ctx, liveLimit)
		err := l.rooms.CloseRoom(within, id)
		cancel()
		if err == nil || try == liveTries || errors.Is(err, ports.ErrRefused) {
			return err
		}
		select {
		case <-time.After(livePause):
		case <-ctx.Done():
			return err
		}
	}
}
