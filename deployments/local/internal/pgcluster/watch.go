package pgcluster

import (
	"context"
	"time"

	"github.com/loveapp/backend/deployments/local/internal/suspicion"
)

// watcher looks after the primary of now: where its process is gone a replica
// takes its place at once; where it lives but is mute, suspicion decides.
type watcher struct {
	*Cluster

	leads   *node
	against suspicion.Case
	heard   []time.Time                // by node: when it last heard from the primary, or could have begun to
	said    map[suspicion.Verdict]bool // since it last answered
	differs time.Time                  // since when the standbys are others than those listed
	retry   time.Time                  // when a failover that failed is tried again
}

// retryPause after a failover that failed: the machine may need its time for itself.
const retryPause = 2 * time.Second

func (c *Cluster) watch() {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	w := &watcher{Cluster: c}
	for {
		select {
		case <-c.quit:
			return
		case i := <-c.gone:
			w.ended(i)
		case <-tick.C:
			w.look()
		}
	}
}

// ended takes care of a node whose process is gone. The news may be older than
// what was done about it since.
func (w *watcher) ended(i int) {
	if w.nodes[i].unit.PID() != 0 {
		return
	}
	if i == w.leader().index {
		w.replace()
	} else {
		w.running.Go(func() { w.rejoin(i) })
	}
}

// look is one round.
func (w *watcher) look() {
	primary := w.leader()
	if primary.unit.PID() == 0 {
		if time.Now().After(w.retry) {
			w.ended(primary.index)
		}
		return
	}
	if primary != w.leads {
		w.begin(primary)
	}
	verdict := w.against.Hear(w.round())
	w.say(verdict)
	if a, prompt := primary.line.now(); prompt {
		w.keepStandbys(a)
	}
	if verdict == suspicion.Dead && time.Now().After(w.retry) {
		w.replace()
	}
}

// begin: what was known is of another primary, or of another process, and
// replicas need time to find it.
func (w *watcher) begin(primary *node) {
	w.leads, w.against, w.said = primary, suspicion.Case{}, nil
	w.differs = time.Time{}
	w.heard = make([]time.Time, len(w.nodes))
	for i := range w.heard {
		w.heard[i] = time.Now()
	}
}

// round asks nobody: it looks at what the lines have heard.
func (w *watcher) round() suspicion.Round {
	_, answers := w.leads.line.now()
	r := suspicion.Round{Answers: answers}
	for _, n := range w.nodes {
		if n == w.leads {
			continue
		}
		a, prompt := n.line.now()
		if !prompt {
			continue
		}
		if a.From == w.leads.addr.Port { // else it is looking for the primary, and has still heard nothing
			w.heard[n.index] = time.Now().Add(-a.Silence)
		}
		r.Witnesses = append(r.Witnesses, time.Since(w.heard[n.index]))
	}
	return r
}

// say logs each verdict once, until the primary answers again.
func (w *watcher) say(v suspicion.Verdict) {
	name := w.leads.unit.Name()
	switch {
	case v == suspicion.Alive && len(w.said) > 0:
		w.said = nil
		w.logger.Info("primary answers again", "name", name)
		return
	case v == suspicion.Alive || v == suspicion.Doubted || w.said[v]:
		return
	case v == suspicion.Unsure:
		w.logger.Warn("neither the primary nor a replica answers: the machine is slow, and nobody is given up", "name", name)
	case v == suspicion.Heard:
		w.logger.Warn("primary does not answer, but replicas hear it", "name", name)
	default:
		w.logger.Warn("primary does not answer and no replica hears it: it is given up", "name", name)
	}
	if w.said == nil {
		w.said = map[suspicion.Verdict]bool{}
	}
	w.said[v] = true
}

// replace puts a replica in the primary's place, and lets the old one join again.
func (w *watcher) replace() {
	ctx, cancel := context.WithTimeout(context.Background(), failoverLimit)
	defer cancel()
	old := w.leader()
	if err := w.failover(ctx); err != nil {
		w.logger.Error("failover failed", "error", err)
	}
	if old != w.leader() {
		w.running.Go(func() { w.rejoin(old.index) })
	}
	w.leads = nil // whoever it is now, nothing is known of this one yet
	w.retry = time.Now().Add(retryPause)
}
