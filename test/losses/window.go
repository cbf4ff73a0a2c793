package losses

import (
	"slices"
	"time"
)

// The ways on which something reaches a client that stays on one instance.
const (
	sameInstance  = "same instance"
	crossInstance = "cross instance"
	critical      = "critical"
)

// Window is how late notifications were that were accepted from a fault's
// beginning to the next one's: from the 202 to the screen.
type Window struct {
	Fault, Target string
	At            time.Duration // since the start
	Healed        time.Duration // until every process was healthy again
	Late          map[string]Lateness
	Dark          Dark
}

// Lateness is a distribution in short.
type Lateness struct {
	Count         int
	P50, P99, Max time.Duration
}

func lateness(all []time.Duration) Lateness {
	if len(all) == 0 {
		return Lateness{}
	}
	slices.Sort(all)
	at := func(part float64) time.Duration { return all[int(part*float64(len(all)-1))] }
	return Lateness{Count: len(all), P50: at(.5), P99: at(.99), Max: all[len(all)-1]}
}

// windows attribute each arrival at a client that stays on one instance to the
// fault before its acceptance; the first window is that before any.
func (w *world) windows() []Window {
	events := append([]event{{name: "none", began: w.started, healed: w.started}}, w.events...)
	late, crossing := make([]map[string][]time.Duration, len(events)), make([][]arrival, len(events))
	for i := range late {
		late[i] = map[string][]time.Duration{}
	}
	for _, a := range w.ledger.all() {
		i, _ := slices.BinarySearchFunc(events, a.at, func(e event, at time.Time) int { return e.began.Compare(at) })
		i = max(0, i-1)
		for _, user := range a.users {
			c := w.clients[user]
			if c.kind != steady {
				continue
			}
			if seen, ok := c.shown[a.title]; ok {
				class := classOf(a, seen)
				if class == crossInstance {
					crossing[i] = append(crossing[i], arrival{a.at, seen.at})
				}
				late[i][class] = append(late[i][class], max(0, seen.at.Sub(a.at)))
			}
		}
	}
	windows := make([]Window, len(events))
	for i, e := range events {
		windows[i] = Window{Fault: e.name, Target: e.target, At: e.began.Sub(w.started), Healed: e.healed.Sub(e.began), Late: map[string]Lateness{}, Dark: darkness(e, crossing[i])}
		for class, all := range late[i] {
			windows[i].Late[class] = lateness(all)
		}
	}
	return windows
}

func classOf(a *accepted, seen sighting) string {
	switch {
	case a.critical:
		return critical
	case a.instance == seen.instance:
		return sameInstance
	}
	return crossInstance
}
