package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

var _ ports.Alerts = (*Alerts)(nil)

// Alerts carries alerts by NOTIFY: it works as long as the store does.
type Alerts struct{ db *postgres.DB }

// NewAlerts shares the store's database.
func NewAlerts(db *postgres.DB) *Alerts { return &Alerts{db: db} }

const (
	alertChannel = "notification_alerts"
	// alertMarks fit into a payload, which may have 8,000 bytes: a mark takes 69 at most.
	alertMarks = 100
)

// markWire is a mark in a payload.
type markWire struct {
	User domain.UserID `json:"u"`
	Seq  domain.Seq    `json:"s"`
}

// Raise implements ports.Alerts.
func (a *Alerts) Raise(ctx context.Context, alert domain.Alert) error {
	for part := range slices.Chunk(alert.Marks, alertMarks) {
		wire := make([]markWire, len(part))
		for i, mark := range part {
			wire[i] = markWire{mark.User, mark.Newest}
		}
		payload, err := json.Marshal(wire)
		if err != nil {
			return fmt.Errorf("encode an alert: %w", err)
		}
		if err := a.db.Notify(ctx, alertChannel, string(payload)); err != nil {
			return fmt.Errorf("raise an alert: %w", err)
		}
	}
	return a.raiseInRooms(ctx, alert)
}

// Listen implements ports.Alerts.
func (a *Alerts) Listen(ctx context.Context, heard func(domain.Alert), ready func()) error {
	return a.db.Listen(ctx, []string{alertChannel, roomChannel}, func(channel, payload string) {
		understand := marksIn
		if channel == roomChannel {
			understand = roomsIn
		}
		if alert := understand(payload); !alert.Empty() {
			heard(alert)
		}
	}, ready)
}

// marksIn gives none where the payload is of a newer version: the sweeper finds what it was about.
func marksIn(payload string) domain.Alert {
	var wire []markWire
	if json.Unmarshal([]byte(payload), &wire) != nil {
		return domain.Alert{}
	}
	marks := make([]domain.Mark, len(wire))
	for i, w := range wire {
		marks[i] = domain.Mark{User: w.User, Newest: w.Seq}
	}
	return domain.Alert{Marks: marks}
}
