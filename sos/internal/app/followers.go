package app

import (
	"context"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	// followPoll is how old what a follower sees may be. One question to the
	// database serves all of a process's followers.
	followPoll = time.Second
	// maxFollowers bounds the streams of a process, maxOfOneLink those of one link.
	maxFollowers = 1000
	maxOfOneLink = 20
	// blindLooks in vain, one every followPoll: who cannot be told that it is over must not be told anything.
	blindLooks = 10
)

var errTooManyFollowers = fault.New(fault.Unavailable, "unavailable", "Too many follow at this moment. Ask for the view now and then instead.").WithRetryAfter(10 * time.Second)

// Followers keeps those who watch tickets by a link up to date.
type Followers struct {
	shares ports.Shares
	logger *slog.Logger

	mu      sync.Mutex
	closed  bool
	total   int
	streams map[domain.ShareID]map[*Stream]struct{}
}

// Stream is one follower. Views has the newest view that was not taken yet, and
// is closed when the link opens nothing any more, the emergency is over, or the
// service stops.
type Stream struct {
	Views <-chan domain.PublicView

	views chan domain.PublicView
	id    domain.ShareID
	last  domain.PublicView
}

// NewFollowers makes it; Run does the work.
func NewFollowers(shares ports.Shares, logger *slog.Logger) *Followers {
	return &Followers{shares: shares, logger: logger, streams: map[domain.ShareID]map[*Stream]struct{}{}}
}

// Follow begins a stream with the view as it is now. Leave must be called at its end.
func (a *App) Follow(ctx context.Context, token string) (*Stream, error) {
	f, err := a.followed(ctx, token)
	if err != nil {
		return nil, err
	}
	return a.Followers.join(f.Share.ID, f.Share.View(f.Ticket))
}

func (f *Followers) join(id domain.ShareID, view domain.PublicView) (*Stream, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.total >= maxFollowers || len(f.streams[id]) >= maxOfOneLink {
		return nil, errTooManyFollowers
	}
	s := &Stream{views: make(chan domain.PublicView, 1), id: id, last: view}
	s.Views = s.views
	s.views <- view
	if view.Status.Closed() {
		close(s.views) // the one view is all that there will be
		return s, nil
	}
	if f.streams[id] == nil {
		f.streams[id] = map[*Stream]struct{}{}
	}
	f.streams[id][s] = struct{}{}
	f.total++
	return s, nil
}

// Leave ends a stream; it may have ended by itself.
func (f *Followers) Leave(s *Stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(s)
}

func (f *Followers) end(s *Stream) {
	if _, there := f.streams[s.id][s]; !there {
		return
	}
	delete(f.streams[s.id], s)
	if len(f.streams[s.id]) == 0 {
		delete(f.streams, s.id)
	}
	f.total--
	close(s.views)
}

// Drain ends all streams and takes no more: the service stops.
func (f *Followers) Drain() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.endAll()
}

func (f *Followers) endAll() {
	for _, streams := range f.streams {
		for s := range streams {
			f.end(s)
		}
	}
}

// Run keeps the streams up to date until ctx ends.
func (f *Followers) Run(ctx context.Context) error {
	tick := time.NewTicker(followPoll)
	defer tick.Stop()
	health, blind := newMood(f.logger, "looking after followers"), 0
	for {
		select {
		case <-tick.C:
			err := f.Look(ctx)
			health.note(ctx, err)
			if blind++; err == nil {
				blind = 0
			}
			if blind >= blindLooks {
				f.mu.Lock()
				f.endAll()
				f.mu.Unlock()
			}
		case <-ctx.Done():
			f.Drain()
			return nil
		}
	}
}

// Look brings every stream up to date once.
func (f *Followers) Look(ctx context.Context) error {
	ids := f.watched()
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, followPoll)
	defer cancel()
	found, err := f.shares.Watch(ctx, ids)
	if err != nil {
		return err
	}
	now := make(map[domain.ShareID]ports.Followed, len(found))
	for _, one := range found {
		now[one.Share.ID] = one
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		one, known := now[id]
		for s := range f.streams[id] {
			f.show(s, one, known && one.Share.Good(one.Ticket, one.Now))
		}
	}
	return nil
}

func (f *Followers) watched() []domain.ShareID {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := make([]domain.ShareID, 0, len(f.streams))
	for id := range f.streams {
		ids = append(ids, id)
	}
	return ids
}

// show replaces a view that nobody has taken yet: only the newest counts, and a
// slow follower keeps nobody waiting.
func (f *Followers) show(s *Stream, one ports.Followed, good bool) {
	if !good {
		select {
		case <-s.views: // nothing more, not even what was on its way
		default:
		}
		f.end(s)
		return
	}
	view := one.Share.View(one.Ticket)
	if reflect.DeepEqual(view, s.last) {
		return
	}
	s.last = view
	select {
	case <-s.views:
	default:
	}
	s.views <- view
	if view.Status.Closed() {
		f.end(s)
	}
}
