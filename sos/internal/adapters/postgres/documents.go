package postgres

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// The JSON documents inside rows. Fields are added, never renamed: rows of
// older and newer programs stand side by side.

type locationJSON struct {
	Latitude   float64    `json:"latitude"`
	Longitude  float64    `json:"longitude"`
	Accuracy   *float64   `json:"accuracy,omitempty"`
	Altitude   *float64   `json:"altitude,omitempty"`
	Speed      *float64   `json:"speed,omitempty"`
	Heading    *float64   `json:"heading,omitempty"`
	Battery    *float64   `json:"battery,omitempty"`
	Source     string     `json:"source,omitempty"`
	CapturedAt *time.Time `json:"capturedAt,omitempty"`
}

func locationText(l *domain.Location) (sql.NullString, error) {
	if l == nil {
		return sql.NullString{}, nil
	}
	doc, err := text(locationJSON(*l))
	return sql.NullString{String: doc, Valid: true}, err
}

func locationOf(n sql.NullString) (*domain.Location, error) {
	if !n.Valid {
		return nil, nil
	}
	var doc locationJSON
	if err := json.Unmarshal([]byte(n.String), &doc); err != nil {
		return nil, fmt.Errorf("read location: %w", err)
	}
	l := domain.Location(doc)
	return &l, nil
}

type actorJSON struct {
	User string `json:"userId"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

func actorText(a *domain.Actor) (sql.NullString, error) {
	if a == nil {
		return sql.NullString{}, nil
	}
	doc, err := text(actorJSON{string(a.User), a.Name, a.Kind()})
	return sql.NullString{String: doc, Valid: true}, err
}

func actorOf(n sql.NullString) (*domain.Actor, error) {
	if !n.Valid {
		return nil, nil
	}
	var doc actorJSON
	if err := json.Unmarshal([]byte(n.String), &doc); err != nil {
		return nil, fmt.Errorf("read actor: %w", err)
	}
	return &domain.Actor{User: domain.UserID(doc.User), Name: doc.Name, Roles: domain.RolesNamed(doc.Kind)}, nil
}

type helperJSON struct {
	Position  int    `json:"position"`
	ContactID string `json:"contactId"`
	UserID    string `json:"userId"`
	Name      string `json:"name"`
	Withdrawn bool   `json:"withdrawn,omitempty"` // follows from the contacts; not stored with the ticket
}

type eventJSON struct {
	Seq       int            `json:"seq"`
	At        time.Time      `json:"at"`
	Kind      string         `json:"kind"`
	ActorID   string         `json:"actorId"`
	ActorName string         `json:"actorName"`
	ActorKind string         `json:"actorKind"`
	Data      map[string]any `json:"data"`
}

type letterJSON struct {
	Recipient string    `json:"recipient"`
	Seq       int       `json:"seq"`
	Alert     alertJSON `json:"alert"`
	Trace     string    `json:"trace"`
}

type alertJSON struct {
	Kind         string        `json:"kind"`
	At           time.Time     `json:"at"`
	ReporterName string        `json:"reporterName,omitempty"`
	ToReporter   bool          `json:"toReporter,omitempty"`
	ByName       string        `json:"byName,omitempty"`
	Type         string        `json:"emergencyType"`
	Location     *locationJSON `json:"location,omitempty"`
	Drill        bool          `json:"drill,omitempty"`
	Level        int           `json:"level,omitempty"`
	Channels     []string      `json:"channels,omitempty"`
	ToStaff      bool          `json:"toStaff,omitempty"`
}

func alertDocument(a domain.Alert) alertJSON {
	return alertJSON{
		Kind: string(a.Kind), At: a.At, ReporterName: a.ReporterName, ToReporter: a.ToReporter, ByName: a.ByName,
		Type: string(a.Type), Location: (*locationJSON)(a.Location), Drill: a.Drill,
		Level: a.Level, Channels: texts(a.Channels), ToStaff: a.ToStaff,
	}
}

func (doc alertJSON) alert(ticket string, seq int, recipient string) domain.Alert {
	return domain.Alert{
		TicketID: domain.TicketID(ticket), Seq: seq, Recipient: domain.UserID(recipient), Kind: domain.AlertKind(doc.Kind), At: doc.At.UTC(),
		ReporterName: doc.ReporterName, ToReporter: doc.ToReporter, ByName: doc.ByName, Type: domain.EmergencyType(doc.Type),
		Location: (*domain.Location)(doc.Location), Drill: doc.Drill,
		Level: doc.Level, Channels: named[domain.Channel](doc.Channels), ToStaff: doc.ToStaff,
	}
}

func texts[T ~string](values []T) []string {
	var list []string
	for _, v := range values {
		list = append(list, string(v))
	}
	return list
}

func named[T ~string](values []string) []T {
	var list []T
	for _, v := range values {
		list = append(list, T(v))
	}
	return list
}
