// Package report says what a load test found, for machines as JSON and for
// people as Markdown, with what was promised beside it.
package report

import (
	"maps"
	"slices"
	"time"

	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/meter"
	"github.com/loveapp/backend/test/load/internal/profile"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/traffic"
	"github.com/loveapp/backend/test/load/internal/worker"
)

// Findings are what a run brings.
type Findings struct {
	Profile  profile.Profile
	Table    []traffic.Share
	Seed     uint64
	Began    time.Time
	Result   worker.Result
	Machine  meter.Machine
	Load     meter.Load // of the schedule's time
	Programs []Program
}

// Program is one of the stack's, or the driver.
type Program struct {
	Name    string        `json:"name"`
	Role    string        `json:"role,omitempty"`
	Service bool          `json:"service"` // one of ours
	Used    time.Duration `json:"cpuUsed"` // in the schedule's time
	meter.Usage
}

// Report is what is written.
type Report struct {
	Profile  profile.Profile `json:"profile"`
	Mix      []traffic.Share `json:"mix"`
	Seed     uint64          `json:"seed"`
	Began    time.Time       `json:"began"`
	Seconds  float64         `json:"seconds"`
	Machine  meter.Machine   `json:"machine"`
	Load     Busy            `json:"load"`
	Rate     Rate            `json:"rate"`
	Total    Line            `json:"total"`
	Routes   []Line          `json:"routes"`
	Sockets  Sockets         `json:"sockets"`
	Programs []Program       `json:"programs"`
	Targets  []Target        `json:"targets"`

	PerSecond []int64 `json:"perSecond"` // good answers
	// Promised are the calls for help that were taken, by what the server says they survive.
	Promised map[string]int64 `json:"promised,omitempty"`
}

// Rate is in requests, or visits, a second.
type Rate struct {
	Asked    float64 `json:"asked"`    // arrivals, on average
	Sent     float64 `json:"sent"`     // arrivals
	Achieved float64 `json:"achieved"` // requests answered right within the schedule's time
}

// Busy is the machine's time by what it was spent on, in shares of 1.
type Busy struct {
	User       float64 `json:"user"`
	System     float64 `json:"system"`
	Interrupts float64 `json:"interrupts"`
	Idle       float64 `json:"idle"`
	Stolen     float64 `json:"stolen"`
	// Elsewhere is how many cores were busy with neither the stack nor the
	// driver: on a machine that is shared, figures are worth that much less.
	Elsewhere float64 `json:"elsewhereCores"`
}

// Line is one kind of request; times are in milliseconds.
type Line struct {
	Name      string                `json:"name"`
	Good      int64                 `json:"good"`
	Failed    int64                 `json:"failed"`
	ErrorRate float64               `json:"errorRate"` // 0 to 1
	Mean      float64               `json:"mean"`
	P50       float64               `json:"p50"`
	P95       float64               `json:"p95"`
	P99       float64               `json:"p99"`
	Max       float64               `json:"max"`
	Faults    map[score.Fault]int64 `json:"faults,omitempty"`
}

// Sockets is about the WebSockets.
type Sockets struct {
	worker.SocketsResult
	Opening    Line   `json:"opening"`
	Deliveries []Line `json:"deliveries"`
}

// Of makes the report.
func Of(f Findings) Report {
	took := arrivals.Total(f.Profile.Phases)
	r := Report{
		Profile: f.Profile, Mix: f.Table, Seed: f.Seed, Began: f.Began.UTC().Truncate(time.Second), Seconds: took.Seconds(),
		Machine: f.Machine, Load: shares(f.Load), Programs: f.Programs, PerSecond: f.Result.Requests.PerSecond,
		Promised: f.Result.Promised,
		Total:    lineOf("all requests", f.Result.Requests.All()), Routes: linesOf(f.Result.Requests),
		Rate: Rate{
			Asked:    arrivals.Expected(f.Profile.Phases) / took.Seconds(),
			Sent:     float64(f.Result.Sent) / took.Seconds(),
			Achieved: float64(within(f.Result.Requests.PerSecond, took)) / took.Seconds(),
		},
		Sockets: Sockets{SocketsResult: f.Result.Sockets, Opening: lineOf("open a socket", f.Result.Sockets.Opening.All()), Deliveries: linesOf(f.Result.Sockets.Deliveries)},
	}
	r.Load.Elsewhere = elsewhere(r)
	r.Targets = targets(r)
	return r
}

// within are the answers that came before the schedule ended: later ones are no throughput.
func within(perSecond []int64, took time.Duration) (n int64) {
	for _, count := range perSecond[:min(len(perSecond), int(took/time.Second))] {
		n += count
	}
	return n
}

func linesOf(s score.Sheet) []Line {
	lines := make([]Line, 0, len(s.Lines))
	for _, name := range slices.Sorted(maps.Keys(s.Lines)) {
		lines = append(lines, lineOf(name, *s.Lines[name]))
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return int(b.Good + b.Failed - a.Good - a.Failed) })
	return lines
}

func lineOf(name string, l score.Line) Line {
	line := Line{
		Name: name, Good: l.Good, Failed: l.Failed(), Faults: l.Faults,
		Mean: millis(l.Latency.Mean()), P50: millis(l.Latency.Quantile(0.50)), P95: millis(l.Latency.Quantile(0.95)),
		P99: millis(l.Latency.Quantile(0.99)), Max: millis(l.Latency.Quantile(1)),
	}
	if all := line.Good + line.Failed; all > 0 {
		line.ErrorRate = float64(line.Failed) / float64(all)
	}
	return line
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func shares(l meter.Load) Busy {
	all := float64(l.User + l.System + l.Interrupts + l.Idle + l.Stolen)
	if all == 0 {
		return Busy{}
	}
	of := func(d time.Duration) float64 { return float64(d) / all }
	return Busy{User: of(l.User), System: of(l.System), Interrupts: of(l.Interrupts), Idle: of(l.Idle), Stolen: of(l.Stolen)}
}

// elsewhere are the cores that were busy and that no program of ours has used.
// Where no program is known it is not known either.
func elsewhere(r Report) float64 {
	if r.Seconds == 0 || len(r.Programs) == 0 {
		return 0
	}
	cores := (r.Load.User + r.Load.System + r.Load.Interrupts) * float64(r.Machine.Cores)
	for _, p := range r.Programs {
		cores -= p.Used.Seconds() / r.Seconds
	}
	return max(cores, 0)
}
