package domain

import (
	"fmt"
	"time"
)

// Handed says that a provider has taken a message over. That is not yet seen by
// anybody: only an ack is.
type Handed struct {
	ProviderID string // what the provider calls the message; "" where it gives no name
}

// SendErrorKind says what a failed sending means for the message.
type SendErrorKind string

// The kinds.
const (
	// Unreachable: the provider gave no answer, or said that it is in trouble.
	// Send again, with backoff; it counts against the provider.
	Unreachable SendErrorKind = "unreachable"
	// Throttled: the provider wants less. Send again after RetryAfter.
	Throttled SendErrorKind = "throttled"
	// Rejected: this message will never go. It becomes a dead letter.
	Rejected SendErrorKind = "rejected"
	// Gone: the target is dead by the provider's own word. The device is pruned.
	Gone SendErrorKind = "gone"
	// Misconfigured: our credentials are not taken. Send again, slowly; an
	// operator has to act.
	Misconfigured SendErrorKind = "misconfigured"
	// Overdue: the parcel had expired, and nothing was sent.
	Overdue SendErrorKind = "overdue"
)

// Retry tells whether sending the same message later may help.
func (k SendErrorKind) Retry() bool { return k == Unreachable || k == Throttled || k == Misconfigured }

// SendError is why a message could not be handed over. It may be logged: it
// holds no address, no token and no text, not even of the provider's answer.
type SendError struct {
	Provider Provider
	Kind     SendErrorKind
	// Code is the provider's own short word ("UNREGISTERED", "429", "21610"), or
	// one of ours ("timeout", "refused"); a word of ASCII, at most 64 bytes.
	Code string
	// RetryAfter is what the provider asked for; 0: it said nothing.
	RetryAfter time.Duration
	// Trouble is a sentence for operators, where only they can help; "" else.
	Trouble string
}

func (e *SendError) Error() string {
	return fmt.Sprintf("%s: %s (%s)", e.Provider, e.Kind, e.Code)
}
