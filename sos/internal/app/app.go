// Package app holds the use cases: one a file, each an exported method of App
// or of one of the engines that run beside it.
package app

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Config is what the use cases need; all of it is required, but Operator and Telemetry.
type Config struct {
	Tickets     ports.Tickets
	Reading     ports.Reading
	Trails      ports.Trails
	Live        *Live
	Books       ports.ContactBooks
	Invitations ports.Invitations
	Guests      ports.Guests
	Shares      ports.Shares
	Consents    ports.Consents
	Erasures    ports.Erasures
	Notifier    ports.Notifier
	Post        ports.Post
	Followers   *Followers
	Pins        ports.Pins
	Hasher      ports.Hasher
	Policies    ports.Policies
	Oversight   ports.Oversight
	Duty        *Duty
	Links       *Links
	Names       *Names

	Barrier *Barrier
	// Operator has a provider make calls; nil: there is none, and phones dial.
	Operator *Operator

	NewID  func() string                       // a new id
	NameID func(namespace, name string) string // the id that follows from a name
	Logger *slog.Logger

	Telemetry Telemetry
}

// Telemetry is what operators count; a nil function counts nothing.
type Telemetry struct {
	Triggered func(result string)     // opened, merged, replayed or refused
	Promised  func(domain.Durability) // what a taken press survives
	Confirmed func(presses int, took time.Duration, inTime bool)
	Delivered func(lag time.Duration)                         // from commit to the notification service's promise
	Parked    func()                                          // refused for good
	Retried   func(n int)                                     // to be sent again
	Fired     func(kind domain.TimerKind, late time.Duration) // a timer, and how late
	Audited   func(ports.Findings)                            // a look at what must never be
	Canary    func(result string, took time.Duration)         // a canary drill: delivered, nobody, late or refused
	// Handing follows deliveries to whoever carries them: it may give them other
	// traces, and is told the end.
	Handing func(ctx context.Context, deliveries []ports.Delivery) (context.Context, []ports.Delivery, func(error))
}

// App is the use cases.
type App struct {
	Config
	turns turns
}

// New refuses a hole.
func New(c Config) (*App, error) {
	// The tables of numbers are read now: whoever needs them must not wait.
	_ = domain.EmergencyNumbers(&domain.Location{})
	if c.Trails == nil || c.Live == nil || c.Tickets == nil || c.Reading == nil || c.Books == nil || c.Invitations == nil || c.Guests == nil || c.Shares == nil || c.Consents == nil || c.Erasures == nil || c.Notifier == nil || c.Post == nil || c.Followers == nil || c.Pins == nil || c.Hasher == nil ||
		c.Policies == nil || c.Oversight == nil || c.Duty == nil ||
		c.Barrier == nil || c.Links == nil || c.Names == nil || c.NewID == nil || c.NameID == nil || c.Logger == nil {
		return nil, errors.New("sos: a use case lacks something it needs")
	}
	return &App{Config: c}, nil
}

func (t Telemetry) triggered(result string) {
	if t.Triggered != nil {
		t.Triggered(result)
	}
}

func (t Telemetry) promised(d domain.Durability) {
	if t.Promised != nil {
		t.Promised(d)
	}
}

func (t Telemetry) confirmed(presses int, took time.Duration, inTime bool) {
	if t.Confirmed != nil {
		t.Confirmed(presses, took, inTime)
	}
}

func (t Telemetry) delivered(lag time.Duration) {
	if t.Delivered != nil {
		t.Delivered(lag)
	}
}

func (t Telemetry) parked() {
	if t.Parked != nil {
		t.Parked()
	}
}

func (t Telemetry) retried(n int) {
	if t.Retried != nil && n > 0 {
		t.Retried(n)
	}
}

func (t Telemetry) audited(f ports.Findings) {
	if t.Audited != nil {
		t.Audited(f)
	}
}

func (t Telemetry) canary(result string, took time.Duration) {
	if t.Canary != nil {
		t.Canary(result, took)
	}
}

func (t Telemetry) handing(ctx context.Context, deliveries []ports.Delivery) (context.Context, []ports.Delivery, func(error)) {
	if t.Handing == nil {
		return ctx, deliveries, func(error) {}
	}
	return t.Handing(ctx, deliveries)
}

func (t Telemetry) fired(kind domain.TimerKind, late time.Duration) {
	if t.Fired != nil {
		t.Fired(kind, late)
	}
}

// keyless is a request that needs no key: doing it twice is doing it once.
func keyless() ports.Repeatable { return ports.Repeatable{} }
