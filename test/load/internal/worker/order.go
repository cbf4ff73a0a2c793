// Package worker is one process of the driver: it keeps its part of the sockets
// and sends its part of the requests. A process may hold 20,000 descriptors, so
// there are several.
package worker

import (
	"time"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/crowd"
	"github.com/loveapp/backend/test/load/internal/ledger"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/traffic"
)

// Order is what a worker is to do: the first thing that it reads.
type Order struct {
	Server      string           `json:"server"` // host:port
	Mix         traffic.Mix      `json:"mix"`
	Seed        uint64           `json:"seed"`
	Phases      []arrivals.Phase `json:"phases"`
	InFlight    int              `json:"inFlight"`
	Addresses   int              `json:"addresses"`   // people share so many
	Sockets     int              `json:"sockets"`     // open, of which one for each helper
	ConnectRate float64          `json:"connectRate"` // a second
	Persons     []people.Person  `json:"persons"`
	Admins      []people.Person  `json:"admins"`
	Accounts    []people.Account `json:"accounts"`
	Circles     int              `json:"circles"`
	Reporters   int              `json:"reporters"` // in each circle
	Helpers     int              `json:"helpers"`   // in each circle
}

// Start says when the schedule begins: the second thing that a worker reads. At
// the end of its input it hangs up and ends.
type Start struct {
	At time.Time `json:"at"`
}

// News is what a worker writes. One field is filled.
type News struct {
	Ready *Ready  `json:"ready,omitempty"` // everybody is connected and everything has been rehearsed
	Tick  *Tick   `json:"tick,omitempty"`  // every second
	Done  *Result `json:"done,omitempty"`  // the sockets are still open
	Error string  `json:"error,omitempty"`
}

// Ready is what has been achieved before the start.
type Ready struct {
	Open int64 `json:"open"` // sockets
}

// Tick is the state of the moment.
type Tick struct {
	Good int64 `json:"good"` // requests since the start
	Open int64 `json:"open"` // sockets
}

// Result is what a worker has seen.
type Result struct {
	Sent     int64       `json:"sent"`     // arrivals
	Requests score.Sheet `json:"requests"` // of the schedule
	// Promised are the calls for help that were taken, by what the server says they survive.
	Promised map[string]int64 `json:"promised,omitempty"`
	Sockets  SocketsResult    `json:"sockets"`
}

// SocketsResult is about the sockets, of the schedule's time unless it says otherwise.
type SocketsResult struct {
	Asked      int          `json:"asked"`
	AtStart    int64        `json:"atStart"`
	Fewest     int64        `json:"fewest"`  // open at any full second
	Opening    score.Sheet  `json:"opening"` // before the start
	Deliveries score.Sheet  `json:"deliveries"`
	Audit      ledger.Audit `json:"audit"`
	Count      crowd.Count  `json:"count"`
}
