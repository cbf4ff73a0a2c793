package domain

import "time"

// Backoff says how a message that could not be handed over is tried again:
// exponentially with full jitter, so that what one outage has held back does not
// return all at once.
type Backoff struct {
	First time.Duration
	// Longest pauses: of critical messages, and of others.
	Urgent, Other time.Duration
	// Slow is the pause where an operator has to act first.
	Slow time.Duration
}

// DefaultBackoff is that of production.
func DefaultBackoff() Backoff {
	return Backoff{First: time.Second, Urgent: 15 * time.Second, Other: 5 * time.Minute, Slow: time.Minute}
}

const (
	// longestRetryAfter: whatever a provider asks for.
	longestRetryAfter = time.Hour
	// leastPause keeps a draw of nearly nothing from being a busy loop.
	leastPause = 50 * time.Millisecond
)

// CodeResting is the code of a message that was not sent, because its provider
// keeps failing and is left alone.
const CodeResting = "resting"

// MaxAge is for how long a message is tried: news of an emergency is of no use
// hours later, and one of yesterday's campaigns only disturbs.
func (p Priority) MaxAge() time.Duration {
	switch p {
	case Critical:
		return time.Hour
	case High:
		return 6 * time.Hour
	default:
		return 24 * time.Hour
	}
}

// Failed says what follows from an attempt's failure; chance is in [0, 1).
func (b Backoff) Failed(w Work, failure SendError, chance float64) Outcome {
	o := Outcome{ID: w.ID, Code: failure.Code}
	switch failure.Kind {
	case Gone:
		o.State = Removed
	case Overdue:
		o.State = Expired
	case Rejected:
		o.State = Dead
	default:
		o.State, o.After, o.Uncounted = Waiting, b.pause(w, failure, chance), failure.Code == CodeResting
		left := w.Priority.MaxAge() - w.Age
		if left <= 0 {
			o.State = Dead
		}
		o.After = max(0, min(o.After, left)) // however long a provider wants to be left alone, there is a last try
	}
	return o
}

func (b Backoff) pause(w Work, failure SendError, chance float64) time.Duration {
	if failure.Kind == Misconfigured {
		return b.Slow/2 + time.Duration(chance*float64(b.Slow/2))
	}
	longest := b.Other
	if w.Priority == Critical {
		longest = b.Urgent
	}
	const mostDoublings = 20
	pause := min(longest, b.First<<min(max(w.Attempt-1, 0), mostDoublings))
	drawn := max(time.Duration(chance*float64(pause)), leastPause)
	if failure.RetryAfter > 0 {
		return min(failure.RetryAfter, longestRetryAfter) + drawn
	}
	return drawn
}
