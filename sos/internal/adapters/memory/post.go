package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Post keeps the letters that it is given, each once.
type Post struct {
	mu      sync.Mutex
	taken   []domain.Letter
	closed  map[domain.AddressChannel]bool
	failure error
	refuse  func(domain.Letter) bool
}

var _ ports.Post = (*Post)(nil)

// Write implements ports.Post.
func (p *Post) Write(_ context.Context, letters []domain.Letter) (unsent []int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil {
		return nil, p.failure
	}
	if p.refuse != nil && slices.ContainsFunc(letters, p.refuse) {
		return nil, ports.ErrRefused
	}
	for i, l := range letters {
		switch {
		case p.closed[l.To.Channel]:
			unsent = append(unsent, i)
		case !slices.ContainsFunc(p.taken, func(other domain.Letter) bool { return sameLetter(l, other) }):
			p.taken = append(p.taken, l)
		}
	}
	return unsent, nil
}

func sameLetter(a, b domain.Letter) bool {
	switch {
	case a.To.Channel != b.To.Channel, a.To.To != b.To.To, (a.Alert == nil) != (b.Alert == nil):
		return false
	case a.Alert != nil:
		return a.Alert.TicketID == b.Alert.TicketID && a.Alert.Seq == b.Alert.Seq
	}
	return a.Request.ID == b.Request.ID
}

// Taken are the letters so far, in order.
func (p *Post) Taken() []domain.Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// Fail makes every hand-over fail; nil ends that.
func (p *Post) Fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failure = err
}

// Refuse says which letters will never be taken.
func (p *Post) Refuse(which func(domain.Letter) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = which
}

// Close makes a channel one on which nothing can be sent, or opens it again.
func (p *Post) Close(channel domain.AddressChannel, closed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed == nil {
		p.closed = map[domain.AddressChannel]bool{}
	}
	p.closed[channel] = closed
}
