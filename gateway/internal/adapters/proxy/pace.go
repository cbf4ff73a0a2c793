package proxy

import (
	"sync/atomic"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// pace counts how fast an instance answers.
type pace struct {
	answers, total atomic.Int64

	dragging atomic.Bool // out of service for its pace
	times    int         // in a row; the comparison's own
}

func (p *pace) answered(took time.Duration) {
	p.answers.Add(1)
	p.total.Add(int64(took))
}

// take gives what was counted, and starts over.
func (p *pace) take() domain.Pace {
	return domain.Pace{Answers: p.answers.Swap(0), Total: time.Duration(p.total.Swap(0))}
}

// due is take once there is enough to compare. Until then it goes on counting:
// whoever is slow gets few requests, and would never be found out.
func (p *pace) due() domain.Pace {
	if p.answers.Load() < domain.PaceFewest && !p.dragging.Load() {
		return domain.Pace{}
	}
	return p.take()
}

// comparePaces ejects who is far slower than its peers, and takes back whose
// pause is over: its answers decide about it again.
func (f *Fleet) comparePaces(now time.Time) {
	all := f.all()
	paces := make([]domain.Pace, len(all))
	for n, i := range all {
		paces[n] = i.pace.due()
	}
	for n, i := range all {
		if i.pace.dragging.Load() {
			f.takeBack(i, now)
			continue
		}
		peers := append(append(make([]domain.Pace, 0, len(all)), paces[:n]...), paces[n+1:]...)
		switch {
		case paces[n].Drags(peers):
			f.leaveAlone(i, now)
		case paces[n].Answers >= domain.PaceFewest:
			i.pace.times = 0
		}
	}
}

func (f *Fleet) leaveAlone(i *Instance, now time.Time) {
	if i.ejected.Load() || !f.mayEject(i) {
		return
	}
	i.pace.times++
	i.ejectedUntil.Store(now.Add(domain.Pause(i.pace.times)).UnixNano())
	i.pace.dragging.Store(true)
	f.watch.ejected(f.service, i)
}

func (f *Fleet) takeBack(i *Instance, now time.Time) {
	if now.UnixNano() < i.ejectedUntil.Load() {
		return
	}
	i.pace.dragging.Store(false)
	i.ejected.Store(false)
	i.servingSince.Store(now.UnixNano())
	f.watch.readmitted(f.service, i)
}
