package app

import "sync/atomic"

// Counters count what has happened since the start.
type Counters struct {
	Stored         atomic.Int64 // notifications put into inboxes
	Repeated       atomic.Int64 // repeats of those, left out
	Delivered      atomic.Int64 // notifications handed to sockets as they came
	Repaired       atomic.Int64 // notifications fetched because a gap had shown
	Replayed       atomic.Int64 // notifications fetched because a client resumed
	Happened       atomic.Int64 // events of rooms handed to sockets
	Routed         atomic.Int64 // signals published to other instances
	RouteFailures  atomic.Int64 // batches that could not be routed
	AlertFailures  atomic.Int64 // alerts that could not be raised
	AckFailures    atomic.Int64 // acks that could not be noted
	QueueOverflows atomic.Int64 // errands dropped because too many waited
	Reaped         atomic.Int64 // ghosts removed from the registry
	Crowded        atomic.Int64 // sockets refused because too many come from their address
	Purged         atomic.Int64 // entries removed because of their age
	Epochs         atomic.Int64 // times that all sockets were registered anew
}
