package failure

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/loveapp/backend/test/stack"
)

// ErrNotReached says that no process came to the point at which it was to die.
var ErrNotReached = errors.New("the point was not reached")

// deal is how often each death is dealt before all of them are dealt again:
// the parts that hold or hand on calls for help more often than the others, and
// each point and the primary once, so that 1,000 deaths bring 50 failovers.
func deal() []Fault {
	return slices.Concat(AtPoints(), []Fault{
		Kill("sos"), Kill("sos"), Kill("sos"), Kill("notification"), Kill("notification"), Kill("gateway"), Kill("gateway"),
		Kill("auth"), Kill("replica"), Kill("master"), Kill("primary"),
	})
}

// Kills is kill -9 and nothing else, count times: of processes, of primaries (a
// standby is promoted), and at every point. Each deal is shuffled, so that every
// death has its share however short the run.
func Kills(count int, dice *rand.Rand) []Fault {
	var faults []Fault
	for len(faults) < count {
		next := deal()
		dice.Shuffle(len(next), func(i, j int) { next[i], next[j] = next[j], next[i] })
		faults = append(faults, next...)
	}
	return faults[:count]
}

// primary is the name of the server that leads, "" if none does.
func primary(ctx context.Context, s *stack.Stack) (string, error) {
	processes, err := s.Status(ctx)
	for _, p := range processes {
		if p.Role == "primary" {
			return p.Name, err
		}
	}
	return "", err
}

// Tally is how often something died, and what that led to.
type Tally struct {
	Kills     int           `json:"kills"`     // processes that ended by kill -9, at a point or anywhere
	Primaries int           `json:"primaries"` // faults that took the database's primary
	Failovers int           `json:"failovers"` // of those: another server leads since
	Missed    int           `json:"missed"`    // points that nothing came to
	Longest   time.Duration `json:"longest"`   // until every process was healthy again
}

// Tally counts over the whole run.
func (r *Report) Tally() (t Tally) {
	for _, e := range r.Events {
		t.Longest = max(t.Longest, e.Healed)
		if e.Missed {
			t.Missed++
			continue
		}
		if e.killed {
			t.Kills++
		}
		if e.losing {
			t.Primaries++
		}
		if e.Promoted != "" {
			t.Failovers++
		}
	}
	return t
}

func (t Tally) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "Killed by SIGKILL: %d. Primaries taken away: %d, another server promoted: %d. Points not reached: %d. All healthy again after at most %s.\n\n",
		t.Kills, t.Primaries, t.Failovers, t.Missed, t.Longest.Round(10*time.Millisecond))
}
