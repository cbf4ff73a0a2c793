package domain

import (
	"slices"
	"time"
)

// sharedFactor is how many clients an address of SHARED_ADDRESSES counts for:
// a carrier puts thousands of phones behind one IPv4.
const sharedFactor = 50

const windowCount = 3

// Limits are the configured limits of the gateway.
type Limits struct {
	Short, Medium, Long                              Limit // windows over all classes of a client
	General, Credentials, Assistance, Urgent, Stream Limit // buckets
}

// Policy is what one request is held to: the bucket of its class, and the
// windows that all requests of its client share.
type Policy struct {
	Slot    int // which of the client's buckets
	Bucket  Limit
	Windows [windowCount]Limit
}

// For is the policy of a class. An address that many people share has them multiplied.
func (l Limits) For(c Class, sharedAddress bool) Policy {
	p := Policy{Slot: max(0, c.slot()), Bucket: l.bucket(c)}
	if c == General || c == Credentials || c == Assistance {
		p.Windows = [windowCount]Limit{l.Short, l.Medium, l.Long}
	}
	if sharedAddress {
		p = p.each(func(l Limit) Limit { return l.times(sharedFactor) })
	}
	return p
}

func (l Limits) bucket(c Class) Limit {
	switch c {
	case General:
		return l.General
	case Credentials:
		return l.Credentials
	case Assistance:
		return l.Assistance
	case Urgent:
		return l.Urgent
	case Stream:
		return l.Stream
	default:
		return Limit{}
	}
}

// Share is what one of n gateways lets through when they cannot count together.
func (p Policy) Share(n int) Policy {
	return p.each(func(l Limit) Limit { return l.share(int64(max(1, n))) })
}

// On tells whether anything limits.
func (p Policy) On() bool {
	return p.Bucket.On() || slices.ContainsFunc(p.Windows[:], Limit.On)
}

func (p Policy) each(change func(Limit) Limit) Policy {
	p.Bucket = change(p.Bucket)
	for i, w := range p.Windows {
		p.Windows[i] = change(w)
	}
	return p
}

// Memory is how long a request under the policy can still matter: a window
// counts until the next one has passed too, a bucket until it is full.
func (p Policy) Memory() time.Duration {
	var longest time.Duration
	for _, w := range p.Windows {
		if w.On() {
			longest = max(longest, 2*w.Window)
		}
	}
	return max(longest, p.Bucket.Depth())
}
