// Package score counts what happened to requests: how long the good ones took
// and what became of the others.
package score

import (
	"sync"
	"time"
)

// Fault is a class of what went wrong with a request: timeout, status_503 ….
// "" is none.
type Fault string

// TimedOut is the fault of a request that got no answer in a client's time.
const TimedOut Fault = "timeout"

// Line is one kind of request.
type Line struct {
	// Latency is from when the request should have left to when its answer was
	// read. It holds the right answers, and what was waited for in vain: to leave
	// those out would make a stalled server look fast. Errors that came quickly
	// are only counted.
	Latency Latency         `json:"latency"`
	Good    int64           `json:"good"`
	Faults  map[Fault]int64 `json:"faults,omitempty"`
}

// Failed is how many had a fault.
func (l Line) Failed() int64 {
	var n int64
	for _, count := range l.Faults {
		n += count
	}
	return n
}

func (l *Line) add(took time.Duration, fault Fault) {
	switch fault {
	case "":
		l.Good++
		l.Latency.Record(took)
		return
	case TimedOut:
		l.Latency.Record(took)
	}
	if l.Faults == nil {
		l.Faults = map[Fault]int64{}
	}
	l.Faults[fault]++
}

func (l *Line) merge(other *Line) {
	l.Latency.Merge(other.Latency)
	l.Good += other.Good
	for fault, n := range other.Faults {
		if l.Faults == nil {
			l.Faults = map[Fault]int64{}
		}
		l.Faults[fault] += n
	}
}

// Board has a line for each kind of request, and how many were good in each
// second. Any number of goroutines may add to it.
type Board struct {
	start time.Time
	mu    sync.Mutex
	lines map[string]*Line
	every []int64
}

// NewBoard is an empty one. Seconds count from Begin.
func NewBoard() *Board { return &Board{start: time.Now(), lines: map[string]*Line{}} }

// Begin forgets everything and counts seconds from start.
func (b *Board) Begin(start time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.start, b.lines, b.every = start, map[string]*Line{}, nil
}

// Add notes a request that should have left at due and was over at end.
func (b *Board) Add(kind string, due, end time.Time, fault Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	line, known := b.lines[kind]
	if !known {
		line = &Line{}
		b.lines[kind] = line
	}
	line.add(end.Sub(due), fault)
	if fault != "" {
		return
	}
	second := max(int(end.Sub(b.start)/time.Second), 0)
	for len(b.every) <= second {
		b.every = append(b.every, 0)
	}
	b.every[second]++
}

// Sheet is a board as it stands, to be sent and merged.
type Sheet struct {
	Lines map[string]*Line `json:"lines"`
	// PerSecond is how many good answers were read in each second of the run.
	PerSecond []int64 `json:"perSecond"`
}

// Sheet is everything counted so far. It takes it away: the board is empty then.
func (b *Board) Sheet() Sheet {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Sheet{Lines: b.lines, PerSecond: b.every}
	b.lines, b.every = map[string]*Line{}, nil
	return s
}

// Good is how many were good so far.
func (b *Board) Good() (n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.lines {
		n += line.Good
	}
	return n
}

// Merge adds another worker's sheet.
func (s *Sheet) Merge(other Sheet) {
	if s.Lines == nil {
		s.Lines = map[string]*Line{}
	}
	for kind, line := range other.Lines {
		if s.Lines[kind] == nil {
			s.Lines[kind] = &Line{}
		}
		s.Lines[kind].merge(line)
	}
	for len(s.PerSecond) < len(other.PerSecond) {
		s.PerSecond = append(s.PerSecond, 0)
	}
	for i, n := range other.PerSecond {
		s.PerSecond[i] += n
	}
}

// All is every kind of request together.
func (s Sheet) All() Line {
	var all Line
	for _, line := range s.Lines {
		all.merge(line)
	}
	return all
}
