package domain

import "time"

// Window counts requests over a sliding time with two counters: those since
// Start, and those of the window before, of which a part still counts. It
// starts with the client's first request, not with the clock's minute, so that
// nobody gets twice the limit across a boundary. Times in milliseconds.
type Window struct {
	Start, Count, Previous int64
}

// take gives the verdict of the window at now, and the window with the request counted.
func (w Window) take(now int64, l Limit) (Verdict, Window) {
	span := l.Window.Milliseconds()
	w = w.at(now, span)
	elapsed := now - w.Start
	left := l.Count*span - w.Previous*(span-elapsed) - w.Count*span // in requests × span
	reset := millis(span - elapsed)
	if left < span {
		return Verdict{Limit: l, Reset: reset, RetryAfter: millis(w.wait(elapsed, span, l.Count))}, w
	}
	w.Count++
	return Verdict{Allowed: true, Limit: l, Remaining: (left - span) / span, Reset: reset}, w
}

// at is the window as it stands at now.
func (w Window) at(now, span int64) Window {
	switch age := now - w.Start; {
	case age < 0: // the clock went back
		w.Start = now
	case age >= 2*span:
		return Window{Start: now}
	case age >= span:
		return Window{Start: w.Start + span, Previous: w.Count}
	}
	return w
}

// wait is how long until one more request fits.
func (w Window) wait(elapsed, span, limit int64) int64 {
	if room := limit - w.Count - 1; room >= 0 { // once enough of the previous window has slid out
		return max(1, span-room*span/w.Previous-elapsed)
	}
	return span - elapsed + span - (limit-1)*span/w.Count // only in the next window
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
