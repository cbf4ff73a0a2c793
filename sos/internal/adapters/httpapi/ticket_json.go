package httpapi

import (
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// timestamp is RFC 3339 in UTC with milliseconds, as every time of the API.
type timestamp time.Time

// MarshalText writes the time.
func (t timestamp) MarshalText() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format("2006-01-02T15:04:05.000Z")), nil
}

func optional(t *time.Time) *timestamp { return (*timestamp)(t) }

// orNull is how an absent text is shown.
func orNull[T ~string](text T) *T {
	if text == "" {
		return nil
	}
	return &text
}

type ticketJSON struct {
	ID              string        `json:"id"`
	Status          string        `json:"status"`
	Priority        string        `json:"priority"`
	EmergencyType   string        `json:"emergencyType"`
	Description     *string       `json:"description"`
	Reporter        reporterJSON  `json:"reporter"`
	Location        *locationJSON `json:"location"`
	Address         *string       `json:"address"`
	Silent          bool          `json:"silent"`
	Drill           bool          `json:"drill"`
	CountdownEndsAt *timestamp    `json:"countdownEndsAt"`
	AcknowledgedAt  *timestamp    `json:"acknowledgedAt"`
	AcknowledgedBy  *personJSON   `json:"acknowledgedBy"`
	EscalationLevel int           `json:"escalationLevel"`
	Outcome         *string       `json:"outcome"`
	CreatedAt       timestamp     `json:"createdAt"`
	UpdatedAt       timestamp     `json:"updatedAt"`
	ClosedAt        *timestamp    `json:"closedAt"`
	Version         int           `json:"version"`
	// Durability is said only where it matters: "unconfirmed".
	Durability string `json:"durability,omitempty"`
}

type personJSON struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

type locationJSON struct {
	Latitude   float64    `json:"latitude"`
	Longitude  float64    `json:"longitude"`
	Accuracy   *float64   `json:"accuracy,omitempty"`
	Altitude   *float64   `json:"altitude,omitempty"`
	Speed      *float64   `json:"speed,omitempty"`
	Heading    *float64   `json:"heading,omitempty"`
	Battery    *float64   `json:"battery,omitempty"`
	Source     string     `json:"source,omitempty"`
	CapturedAt *timestamp `json:"capturedAt,omitempty"`
}

func ticketOf(t domain.Ticket) ticketJSON {
	durability := ""
	if t.Durability == domain.Unconfirmed {
		durability = string(t.Durability)
	}
	return ticketJSON{
		ID: string(t.ID), Status: string(t.Status), Priority: string(t.Priority), EmergencyType: string(t.Type), Description: orNull(t.Description),
		Reporter: reporterOf(t), Location: locationOf(t.Location), Address: orNull(t.Address), Silent: t.Silent, Drill: t.Drill,
		CountdownEndsAt: optional(t.CountdownEndsAt), AcknowledgedAt: optional(t.AcknowledgedAt), AcknowledgedBy: personOf(t.AcknowledgedBy),
		EscalationLevel: t.EscalationLevel, Outcome: orNull(string(t.Outcome)), CreatedAt: timestamp(t.CreatedAt), UpdatedAt: timestamp(t.UpdatedAt),
		ClosedAt: optional(t.ClosedAt), Version: t.Version, Durability: durability,
	}
}

// reporterJSON has the guest's number and trust for those who may see them.
type reporterJSON struct {
	personJSON
	Phone string `json:"phone,omitempty"`
	Trust string `json:"trust,omitempty"`
}

func reporterOf(t domain.Ticket) reporterJSON {
	r := reporterJSON{personJSON{"user", t.Reporter.Name}, t.GuestPhone, ""}
	if t.Reporter.ID.Guest() {
		r.Kind = "guest"
	}
	if t.LowTrust {
		r.Trust = "low"
	}
	return r
}

func personOf(a *domain.Actor) *personJSON {
	if a == nil {
		return nil
	}
	return &personJSON{a.Kind(), a.Name}
}

func locationOf(l *domain.Location) *locationJSON {
	if l == nil {
		return nil
	}
	return &locationJSON{
		l.Latitude, l.Longitude, l.Accuracy, l.Altitude, l.Speed, l.Heading, l.Battery, l.Source, optional(l.CapturedAt),
	}
}

type eventJSON struct {
	Seq   int            `json:"seq"`
	At    timestamp      `json:"at"`
	Kind  string         `json:"kind"`
	Actor personJSON     `json:"actor"`
	Data  map[string]any `json:"data"`
}

func eventOf(e domain.Event) eventJSON {
	data := e.Data
	if data == nil {
		data = map[string]any{}
	}
	return eventJSON{e.Seq, timestamp(e.At), string(e.Kind), personJSON{e.By.Kind(), e.By.Name}, data}
}
