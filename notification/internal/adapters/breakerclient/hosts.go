package breakerclient

import (
	"container/list"
	"context"
	"net/url"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Sender = (*Hosts)(nil)

// maxHosts is how many hosts are told apart at once; browsers use a handful. Of
// one that was forgotten it is found out anew that it does not answer.
const maxHosts = 1000

// Hosts is a ports.Sender in front of one that speaks to hosts of the recipients'
// choice (Web Push): each has a breaker of its own, so that whoever subscribes
// with an endpoint that never answers keeps nobody else's messages back.
type Hosts struct {
	sender  ports.Sender
	changed Changed

	mu      sync.Mutex
	known   map[string]*list.Element // of *host
	recent  *list.List               // the one asked last first
	resting int
}

// host is one of them. Its fields are Hosts.mu's.
type host struct {
	name    string
	breaker *Breaker
	open    bool
	dropped bool // forgotten: what its breaker does counts no more
}

// PerHost stands in front of the sender. changed hears when the first host begins
// to be left alone, and when the last one is not any more.
func PerHost(sender ports.Sender, changed Changed) *Hosts {
	return &Hosts{sender: sender, changed: changed, known: map[string]*list.Element{}, recent: list.New()}
}

// Provider implements ports.Sender.
func (h *Hosts) Provider() domain.Provider { return h.sender.Provider() }

// Send implements ports.Sender.
func (h *Hosts) Send(ctx context.Context, p domain.Parcel) (domain.Handed, error) {
	return h.of(hostOf(p.To.Subscription.Endpoint)).Send(ctx, p)
}

// Known is how many hosts are told apart at the moment.
func (h *Hosts) Known() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.recent.Len()
}

// hostOf is "" where there is none: the sender refuses that.
func hostOf(endpoint string) string {
	at, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return at.Host
}

func (h *Hosts) of(name string) *Breaker {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at, ok := h.known[name]; ok {
		h.recent.MoveToFront(at)
		return hostAt(at).breaker
	}
	if h.recent.Len() >= maxHosts {
		h.forget(h.recent.Back())
	}
	one := &host{name: name}
	one.breaker = New(h.sender, func(_ domain.Provider, open bool) { h.note(one, open) })
	h.known[name] = h.recent.PushFront(one)
	return one.breaker
}

// hostAt: nothing else is in the list.
func hostAt(at *list.Element) *host {
	one, _ := at.Value.(*host)
	return one
}

func (h *Hosts) forget(at *list.Element) {
	one := hostAt(at)
	h.recent.Remove(at)
	delete(h.known, one.name)
	h.set(one, false)
	one.dropped = true
}

// note is called by the breaker of one, which nobody here calls under the lock.
func (h *Hosts) note(one *host, open bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !one.dropped {
		h.set(one, open)
	}
}

func (h *Hosts) set(one *host, open bool) {
	before := h.resting > 0
	switch {
	case open && !one.open:
		h.resting++
	case !open && one.open:
		h.resting--
	}
	one.open = open
	if now := h.resting > 0; now != before && h.changed != nil {
		h.changed(h.Provider(), now)
	}
}
