package domain

import "time"

// Standing is what is remembered of one client. The Redis script keeps the same
// numbers and computes the same answers.
type Standing struct {
	// Buckets hold, for each class, the microsecond at which the bucket is full
	// again (the theoretical arrival time of GCRA, ITU-T I.371): one number does
	// for level and time.
	Buckets [bucketCount]int64
	Windows [windowCount]Window
}

// Verdict is the answer to one request.
type Verdict struct {
	Allowed bool
	// Limit is the one that denied longest, else the one with the least left.
	Limit      Limit
	Remaining  int64
	Reset      time.Duration // until a window ends or a bucket is full
	RetryAfter time.Duration // until one request is allowed again; 0 where it is
}

// Take decides one request at now, in microseconds since 1970. Either every
// limit counts it, or none does.
func (s *Standing) Take(now int64, p Policy) Verdict {
	denied, free := Verdict{}, Verdict{Allowed: true}
	after := *s
	if p.Bucket.On() {
		v, next := takeBucket(after.Buckets[p.Slot], now, p.Bucket)
		after.Buckets[p.Slot] = next
		denied, free = denied.worse(v), v
	}
	windows := 0
	for i, limit := range p.Windows {
		if !limit.On() {
			continue
		}
		v, next := after.Windows[i].take(now/1000, limit)
		after.Windows[i] = next
		denied = denied.worse(v)
		if windows++; windows == 1 || v.Remaining < free.Remaining {
			free = v
		}
	}
	if denied.RetryAfter > 0 {
		return denied
	}
	*s = after
	return free
}

// worse is the verdict with the longer wait.
func (v Verdict) worse(other Verdict) Verdict {
	if other.RetryAfter > v.RetryAfter {
		return other
	}
	return v
}

// takeBucket gives the verdict of a bucket that is full at tat, and when it is full after the request.
func takeBucket(tat, now int64, l Limit) (Verdict, int64) {
	interval, depth := l.Interval().Microseconds(), l.Depth().Microseconds()
	next := max(tat, now) + interval
	if wait := next - now - depth; wait > 0 {
		return Verdict{Limit: l, Reset: micros(tat - now), RetryAfter: micros(wait)}, tat
	}
	return Verdict{Allowed: true, Limit: l, Remaining: (depth - (next - now)) / interval, Reset: micros(next - now)}, next
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
