package app

import (
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// maxDenials bounds what a flood can take. Past it the oldest news is dropped
// and the counter asked again: this cache only saves work.
const maxDenials = 10_000

// denials remembers who is denied until when: whoever keeps knocking costs no round trip.
type denials struct {
	mu    sync.RWMutex
	until map[denied]denial
}

type denied struct {
	client domain.Client
	class  domain.Class
}

type denial struct {
	verdict domain.Verdict
	until   time.Time
	reset   time.Time
}

func newDenials() *denials { return &denials{until: make(map[denied]denial)} }

func (d *denials) find(client domain.Client, class domain.Class, now time.Time) (domain.Verdict, bool) {
	d.mu.RLock()
	found, known := d.until[denied{client, class}]
	d.mu.RUnlock()
	if !known || !now.Before(found.until) {
		return domain.Verdict{}, false
	}
	v := found.verdict
	v.RetryAfter, v.Reset = found.until.Sub(now), max(0, found.reset.Sub(now))
	return v, true
}

func (d *denials) add(client domain.Client, class domain.Class, v domain.Verdict, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.until) >= maxDenials {
		d.makeRoom(now)
	}
	d.until[denied{client, class}] = denial{verdict: v, until: now.Add(v.RetryAfter), reset: now.Add(v.Reset)}
}

func (d *denials) makeRoom(now time.Time) {
	for who, denial := range d.until {
		if !now.Before(denial.until) {
			delete(d.until, who)
		}
	}
	if len(d.until) >= maxDenials {
		clear(d.until)
	}
}
