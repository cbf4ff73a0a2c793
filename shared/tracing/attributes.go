package tracing

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// The attributes of our own spans. What is not listed in mayLeave leaves no process.
const (
	RequestID    attribute.Key = "loveapp.request_id"
	Ticket       attribute.Key = "loveapp.ticket_id"
	Alert        attribute.Key = "loveapp.alert_kind"
	Level        attribute.Key = "loveapp.escalation_level"
	Attempt      attribute.Key = "loveapp.attempt"
	Waited       attribute.Key = "loveapp.waited_ms" // in a queue, in milliseconds
	Fate         attribute.Key = "loveapp.fate"
	Batch        attribute.Key = "loveapp.batch_size"
	Notification attribute.Key = "loveapp.notification_id"
	Provider     attribute.Key = "loveapp.provider"
	Step         attribute.Key = "loveapp.step"
	Live         attribute.Key = "loveapp.live"
	Template     attribute.Key = "loveapp.template"
	Peer         attribute.Key = "loveapp.peer"
)

// WaitedFor is Waited of d.
func WaitedFor(d time.Duration) attribute.KeyValue { return Waited.Int64(d.Milliseconds()) }
