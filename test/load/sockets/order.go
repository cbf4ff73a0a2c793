package main

import (
	"time"

	"github.com/loveapp/backend/shared/config"
)

// order is what the clients' process is told, one JSON value after the other.
// It answers each with a report.
type order struct {
	Do string `json:"do"` // open, raw, drop, resume, await, wait

	Server string        `json:"server,omitempty"` // host:port, of open and raw
	Count  int           `json:"count,omitempty"`  // of open and raw: sockets; of await: messages
	First  int           `json:"first,omitempty"`  // of open: which person is the first one
	Deaf   bool          `json:"deaf,omitempty"`   // open: they read nothing any more, once they are connected
	Room   string        `json:"room,omitempty"`   // open: that each joins
	Secret config.Secret `json:"-"`
	// Key is Secret's value: a secret does not print itself.
	Key   string        `json:"key,omitempty"`
	Run   string        `json:"run,omitempty"`
	Limit time.Duration `json:"limit,omitempty"` // of await and resume
}

// report is the answer.
type report struct {
	Count  int             `json:"count"`            // sockets open, or messages that have come
	Took   time.Duration   `json:"took"`             // all of it
	Each   []time.Duration `json:"each,omitempty"`   // of each socket or message, sorted
	Error  string          `json:"error,omitempty"`  // the order could not be carried out
	Faults map[string]int  `json:"faults,omitempty"` // sockets that failed, by the reason
}

// quantile of sorted durations.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
