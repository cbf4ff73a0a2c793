package domain

// Class is the kind of rate limit that a route is under.
type Class uint8

// The classes. Each but Unlimited has a bucket of its own per client.
const (
	Unlimited   Class = iota // alarms and health
	General                  // 50/s unless set otherwise
	Credentials              // /v1/auth: 10/s
	Assistance               // SOS routes that are no emergency by themselves: 5/s
	Urgent                   // locations, cancel, acknowledge: a fix a second for hours must pass
	Stream                   // opening sockets and event streams: a restart brings everybody back at once

	ClassCount = int(Stream) + 1
)

// bucketCount is how many classes have a bucket.
const bucketCount = ClassCount - 1

// String is the class's name in headers and metrics.
func (c Class) String() string {
	switch c {
	case General:
		return "general"
	case Credentials:
		return "auth"
	case Assistance:
		return "sos"
	case Urgent:
		return "urgent"
	case Stream:
		return "stream"
	default:
		return "unlimited"
	}
}

// slot is the index of the class's bucket.
func (c Class) slot() int { return int(c) - 1 }
