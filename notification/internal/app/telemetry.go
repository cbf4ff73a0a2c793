package app

import (
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Telemetry is told what operators count; a nil function is not called.
type Telemetry struct {
	// Hop: a step was fired, so long after it was due.
	Hop func(step domain.Channel, late time.Duration)
	// Delivery: an attempt to send ended so.
	Delivery func(provider domain.Provider, outcome domain.Outcome)
}

func (t Telemetry) hop(step domain.Channel, late time.Duration) {
	if t.Hop != nil {
		t.Hop(step, late)
	}
}

func (t Telemetry) delivery(provider domain.Provider, outcome domain.Outcome) {
	if t.Delivery != nil {
		t.Delivery(provider, outcome)
	}
}
