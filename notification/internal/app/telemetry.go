package app

import (
	"context"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

// Telemetry is told what operators count; a nil function is not called.
type Telemetry struct {
	// Hop: a step was fired, so long after it was due.
	Hop func(step domain.Channel, late time.Duration)
	// Delivery: an attempt to send ended so.
	Delivery func(provider domain.Provider, outcome domain.Outcome)
	// Accepting follows drafts into inboxes: it may give them other traces, and is told the end.
	Accepting func(ctx context.Context, drafts []domain.Draft) func(error)
	// Hopped: a step of the plan's was fired.
	Hopped func(domain.Advance)
	// Sending follows one attempt to send, and is told what came of it.
	Sending func(ctx context.Context, w domain.Work) (context.Context, func(domain.Outcome))
}

func (t Telemetry) accepting(ctx context.Context, drafts []domain.Draft) func(error) {
	if t.Accepting == nil {
		return func(error) {}
	}
	return t.Accepting(ctx, drafts)
}

func (t Telemetry) sending(ctx context.Context, w domain.Work) (context.Context, func(domain.Outcome)) {
	if t.Sending == nil {
		return ctx, func(domain.Outcome) {}
	}
	return t.Sending(ctx, w)
}

func (t Telemetry) hopped(m domain.Advance) {
	if t.Hopped != nil {
		t.Hopped(m)
	}
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
