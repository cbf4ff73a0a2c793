package domain

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// The bounds of a limit keep every product below 2^53, which is as far as
// Redis's Lua counts exactly.
const (
	maxCount  = 1_000_000
	maxWindow = 24 * time.Hour
)

// ErrLimit is what a limit that cannot be read fails with.
var ErrLimit = errors.New("must be count/window or count/window:burst such as 50/1s:100, or off")

// Limit is Count requests in every Window, Burst of them at once. The zero
// value does not limit.
type Limit struct {
	Name   string
	Count  int64
	Window time.Duration
	Burst  int64
}

// On tells whether the limit limits.
func (l Limit) On() bool { return l.Count > 0 }

// ParseLimit reads `50/1s:100`; burst is count where it is left out; "off" and "" do not limit.
func ParseLimit(name, text string) (Limit, error) {
	if text = strings.TrimSpace(text); text == "" || text == "off" {
		return Limit{Name: name}, nil
	}
	rate, burstText, hasBurst := strings.Cut(text, ":")
	countText, windowText, _ := strings.Cut(rate, "/")
	if !hasBurst {
		burstText = countText
	}
	count, err1 := parseCount(countText)
	burst, err2 := parseCount(burstText)
	window, err3 := time.ParseDuration(windowText)
	if errors.Join(err1, err2, err3) != nil || window < time.Millisecond || window > maxWindow {
		return Limit{}, ErrLimit
	}
	return Limit{Name: name, Count: count, Window: window, Burst: burst}, nil
}

func parseCount(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n < 1 || n > maxCount {
		return 0, ErrLimit
	}
	return int64(n), nil
}

// times is the limit for a client that stands for n others.
func (l Limit) times(n int64) Limit {
	l.Count *= n
	l.Burst *= n
	return l
}

// share is one part of n of the limit, at least one request.
func (l Limit) share(n int64) Limit {
	if l.On() {
		l.Count = max(1, l.Count/n)
		l.Burst = max(1, l.Burst/n)
	}
	return l
}

// Interval is the time in which a bucket regains one request, in whole microseconds; 0 where there is no limit.
func (l Limit) Interval() time.Duration {
	if !l.On() {
		return 0
	}
	return max(time.Microsecond, (l.Window / time.Duration(l.Count)).Truncate(time.Microsecond))
}

// Depth is the time in which an empty bucket fills.
func (l Limit) Depth() time.Duration { return time.Duration(l.Burst) * l.Interval() }
