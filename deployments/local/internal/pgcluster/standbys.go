package pgcluster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// How long the standbys must have been others than those listed. Shorter, and a
// replica that connects anew would change what is promised.
const (
	settled = time.Second
	// lone is for taking the last one off: from then on a barrier that finds nobody
	// is told so, where until then it waited. wal_sender_timeout comes before it.
	lone = 3 * time.Second
	// orderLimit is for a statement on a server that has just answered.
	orderLimit = 2 * time.Second
)

// standbys of a primary are the nodes, by slot, of which any one must have a
// commit before a barrier is told that it is replicated. They are only those
// that stream: with none of them left a barrier would wait for ever.
type standbys []string

func (c *Cluster) synchronous(ctx context.Context, primary *node, names standbys) error {
	if !c.plan.Synchronous {
		names = nil
	}
	// Until it is known to be in force, those of before may have confirmed commits too.
	c.listed = union(c.listed, names)
	return errors.Join(
		primary.exec(ctx, `ALTER SYSTEM SET synchronous_standby_names = '`+names.setting()+`'`),
		primary.exec(ctx, `SELECT pg_reload_conf()`))
}

// setting is the value of synchronous_standby_names.
func (s standbys) setting() string {
	if len(s) == 0 {
		return ""
	}
	return "ANY 1 (" + strings.Join(s, ",") + ")"
}

// standbysOf reads what setting wrote.
func standbysOf(setting string) standbys {
	setting = strings.TrimSuffix(strings.TrimPrefix(setting, "ANY 1 ("), ")")
	if setting == "" {
		return nil
	}
	return strings.Split(setting, ",")
}

func union(a, b standbys) standbys {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}

// others are all nodes but these.
func (c *Cluster) others(but ...*node) (names standbys) {
	for _, n := range c.nodes {
		if !slices.Contains(but, n) {
			names = append(names, n.slot())
		}
	}
	return names
}

// keepStandbys lists those that stream now, once they have done so for a moment.
func (w *watcher) keepStandbys(primary answer) {
	want := w.streaming(primary)
	if slices.Equal(want, primary.Standbys) {
		w.listed, w.differs = want, time.Time{}
		return
	}
	if w.differs.IsZero() {
		w.differs = time.Now()
	}
	patience := settled
	if len(want) == 0 || len(primary.Standbys) == 0 {
		patience = lone // also back: a barrier that was let go must be able to see why
	}
	if time.Since(w.differs) < patience {
		return
	}
	w.differs = time.Time{}
	ctx, cancel := context.WithTimeout(context.Background(), orderLimit)
	defer cancel()
	if err := w.synchronous(ctx, w.leads, want); err != nil {
		w.logger.Warn("standbys cannot be listed", "name", w.leads.unit.Name(), "error", err)
		return
	}
	w.logger.Info("commits are confirmed by", "name", w.leads.unit.Name(), "standbys", want.setting())
}

// streaming are the standbys to list. A newcomer has to say itself that it
// streams: the copy of a node that joins goes by the same name, and may be
// thrown away again.
func (w *watcher) streaming(primary answer) (names standbys) {
	if !w.plan.Synchronous {
		return nil
	}
	for _, n := range w.nodes {
		if n == w.leads || n.unit.PID() == 0 || !slices.Contains(primary.Streaming, n.slot()) {
			continue
		}
		a, prompt := n.line.now()
		if slices.Contains(primary.Standbys, n.slot()) || prompt && a.From == w.leads.addr.Port {
			names = append(names, n.slot())
		}
	}
	return names
}
