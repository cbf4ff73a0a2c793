package failure

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Sightings is what all phones saw together.
type Sightings struct {
	mu       sync.Mutex
	started  time.Time
	answers  map[string]map[string]int // route → outcome → count
	lastGood map[string]time.Time
	longest  map[string]time.Duration // between two good answers of a route
	outs     []string
}

// NewSightings begins to count.
func NewSightings() *Sightings {
	return &Sightings{
		started: time.Now(), answers: map[string]map[string]int{}, lastGood: map[string]time.Time{}, longest: map[string]time.Duration{},
	}
}

func (s *Sightings) answer(route string, r reply) {
	outcome := "no answer"
	if r.err == nil {
		outcome = strconv.Itoa(r.status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers[route] == nil {
		s.answers[route] = map[string]int{}
	}
	s.answers[route][outcome]++
	if r.err != nil || r.status >= 500 {
		return
	}
	now := time.Now()
	if last, ok := s.lastGood[route]; ok {
		s.longest[route] = max(s.longest[route], now.Sub(last))
	}
	s.lastGood[route] = now
}

func (s *Sightings) signedOut(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outs = append(s.outs, name)
}

// Route is what was seen of one.
type Route struct {
	Route      string         `json:"route"`
	Outcomes   map[string]int `json:"outcomes"` // by status
	LongestGap float64        `json:"longestGapSeconds"`
}

// Routes lists them by name.
func (s *Sightings) Routes() []Route {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Route
	for _, name := range slices.Sorted(maps.Keys(s.answers)) {
		out = append(out, Route{name, maps.Clone(s.answers[name]), s.longest[name].Seconds()})
	}
	return out
}

// SignedOut names the phones that were told that their session had ended.
func (s *Sightings) SignedOut() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.outs)
}

// count sums the answers with an outcome over all routes.
func (s *Sightings) count(outcome string) (sum int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, outcomes := range s.answers {
		sum += outcomes[outcome]
	}
	return sum
}
