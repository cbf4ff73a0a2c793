package wsapi

import "time"

// Limits bound what sockets may cost. Zero fields take those of DefaultLimits.
type Limits struct {
	Sockets    int           // at once; beyond it the handshake is refused with 503
	Message    int           // bytes of one message from a client
	Queue      int           // bytes that may wait for one slow client
	QueueAll   int           // bytes that may wait for all of them together
	Frames     int           // of a client a second, in the long run
	FrameBurst int           // at once: whoever comes back after a week acknowledges it all
	Malformed  int           // the message that closes a connection of nonsense
	Ping       time.Duration // between pings; a peer silent for two of them is dead
	Auth       time.Duration // within which the first frame must authenticate
	Linger     time.Duration // for the client to answer a close frame
	Handshake  time.Duration // for the answer to the handshake to leave
	Drain      time.Duration // over which a drain spreads its closings, at most
	DrainEach  time.Duration // between two of them, at most
	RetryAfter time.Duration // clients of a drain come back within it, at random
}

// DefaultLimits are those of production. A process may hold 20,000 descriptors:
// 15,000 sockets leave room for pools, health checks and requests.
func DefaultLimits() Limits {
	return Limits{
		Sockets:    15_000,
		Message:    64 << 10,
		Queue:      256 << 10,
		QueueAll:   16 << 20,
		Frames:     200,
		FrameBurst: 4000,
		Malformed:  10,
		Ping:       25 * time.Second,
		Auth:       5 * time.Second,
		Linger:     2 * time.Second,
		Handshake:  5 * time.Second,
		Drain:      20 * time.Second,
		DrainEach:  10 * time.Millisecond,
		RetryAfter: 2 * time.Second,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for field, standard := range map[*int]int{
		&l.Sockets: d.Sockets, &l.Message: d.Message, &l.Queue: d.Queue, &l.QueueAll: d.QueueAll, &l.Malformed: d.Malformed,
		&l.Frames: d.Frames, &l.FrameBurst: d.FrameBurst,
	} {
		if *field <= 0 {
			*field = standard
		}
	}
	for field, standard := range map[*time.Duration]time.Duration{
		&l.Ping: d.Ping, &l.Auth: d.Auth, &l.Linger: d.Linger, &l.Handshake: d.Handshake,
		&l.Drain: d.Drain, &l.DrainEach: d.DrainEach, &l.RetryAfter: d.RetryAfter,
	} {
		if *field <= 0 {
			*field = standard
		}
	}
	return l
}
