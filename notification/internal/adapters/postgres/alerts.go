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
func (a *Alerts) Raise(ctx context.Context, marks []domain.Mark) error {
	for part := range slices.Chunk(marks, alertMarks) {
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
	return nil
}

// Listen implements ports.Alerts.
func (a *Alerts) Listen(ctx context.Context, heard func([]domain.Mark), ready func()) error {
	return a.db.Listen(ctx, []string{alertChannel}, func(_, payload string) {
		var wire []markWire
		if json.Unmarshal([]byte(payload), &wire) != nil {
			return // of a newer version: the sweeper finds what it was about
		}
		marks := make([]domain.Mark, len(wire))
		for i, w := range wire {
			marks[i] = domain.Mark{User: w.User, Newest: w.Seq}
		}
		heard(marks)
	}, ready)
}
