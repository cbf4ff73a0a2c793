package postgres

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"

	"github.com/loveapp/backend/sos/internal/domain"
)

// ticketColumns are those of ticketRow, in every statement that reads tickets.
const ticketColumns = `t.id, t.reporter_id, t.reporter_name, t.status, t.priority, t.emergency_type, t.description, t.address,
	t.location, t.silent, t.drill, t.occurred_at, t.countdown_ends_at, t.alarmed_at, t.acknowledged_at, t.acknowledged_by,
	t.acknowledgers, t.escalation_level, t.escalation, t.outcome, t.reached_by, t.created_at, t.updated_at, t.closed_at, t.version, t.last_seq,
	t.guest_phone, t.guest_address, t.low_trust`

type ticketRow struct {
	ID              string         `db:"id"`
	ReporterID      string         `db:"reporter_id"`
	ReporterName    string         `db:"reporter_name"`
	Status          string         `db:"status"`
	Priority        string         `db:"priority"`
	EmergencyType   string         `db:"emergency_type"`
	Description     string         `db:"description"`
	Address         string         `db:"address"`
	Location        sql.NullString `db:"location"`
	Silent          bool           `db:"silent"`
	Drill           bool           `db:"drill"`
	OccurredAt      sql.NullTime   `db:"occurred_at"`
	CountdownEndsAt sql.NullTime   `db:"countdown_ends_at"`
	AlarmedAt       sql.NullTime   `db:"alarmed_at"`
	AcknowledgedAt  sql.NullTime   `db:"acknowledged_at"`
	AcknowledgedBy  sql.NullString `db:"acknowledged_by"`
	Acknowledgers   pq.StringArray `db:"acknowledgers"`
	EscalationLevel int            `db:"escalation_level"`
	Escalation      sql.NullString `db:"escalation"`
	Outcome         string         `db:"outcome"`
	ReachedBy       string         `db:"reached_by"`
	CreatedAt       time.Time      `db:"created_at"`
	UpdatedAt       time.Time      `db:"updated_at"`
	ClosedAt        sql.NullTime   `db:"closed_at"`
	Version         int            `db:"version"`
	LastSeq         int            `db:"last_seq"`
	GuestPhone      string         `db:"guest_phone"`
	GuestAddress    string         `db:"guest_address"`
	LowTrust        bool           `db:"low_trust"`
}

func rowOf(t domain.Ticket) (ticketRow, error) {
	location, err := locationText(t.Location)
	if err != nil {
		return ticketRow{}, err
	}
	by, err := actorText(t.AcknowledgedBy)
	if err != nil {
		return ticketRow{}, err
	}
	escalation, err := escalationText(t.Escalation)
	if err != nil {
		return ticketRow{}, err
	}
	acknowledgers := make(pq.StringArray, 0, len(t.Acknowledgers))
	for _, id := range t.Acknowledgers {
		acknowledgers = append(acknowledgers, string(id))
	}
	return ticketRow{
		ID: string(t.ID), ReporterID: string(t.Reporter.ID), ReporterName: t.Reporter.Name, Status: string(t.Status), Priority: string(t.Priority),
		EmergencyType: string(t.Type), Description: t.Description, Address: t.Address, Location: location, Silent: t.Silent, Drill: t.Drill,
		OccurredAt: nullTime(t.OccurredAt), CountdownEndsAt: nullTime(t.CountdownEndsAt), AlarmedAt: nullTime(t.AlarmedAt),
		AcknowledgedAt: nullTime(t.AcknowledgedAt), AcknowledgedBy: by, Acknowledgers: acknowledgers, EscalationLevel: t.EscalationLevel, Escalation: escalation,
		Outcome: string(t.Outcome), ReachedBy: string(t.ReachedBy), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, ClosedAt: nullTime(t.ClosedAt),
		Version: t.Version, LastSeq: t.LastSeq,
		GuestPhone: t.GuestPhone, GuestAddress: t.GuestAddress, LowTrust: t.LowTrust,
	}, nil
}

func (r ticketRow) ticket() (domain.Ticket, error) {
	location, err := locationOf(r.Location)
	if err != nil {
		return domain.Ticket{}, fmt.Errorf("ticket %s: %w", r.ID, err)
	}
	by, err := actorOf(r.AcknowledgedBy)
	if err != nil {
		return domain.Ticket{}, fmt.Errorf("ticket %s: %w", r.ID, err)
	}
	escalation, err := escalationOf(r.Escalation)
	if err != nil {
		return domain.Ticket{}, fmt.Errorf("ticket %s: %w", r.ID, err)
	}
	var acknowledgers []domain.UserID
	for _, id := range r.Acknowledgers {
		acknowledgers = append(acknowledgers, domain.UserID(id))
	}
	return domain.Ticket{
		ID: domain.TicketID(r.ID), Reporter: domain.Person{ID: domain.UserID(r.ReporterID), Name: r.ReporterName}, Status: domain.Status(r.Status),
		Priority: domain.Priority(r.Priority), Type: domain.EmergencyType(r.EmergencyType), Description: r.Description, Address: r.Address,
		Location: location, Silent: r.Silent, Drill: r.Drill, OccurredAt: timeOf(r.OccurredAt), CountdownEndsAt: timeOf(r.CountdownEndsAt),
		AlarmedAt: timeOf(r.AlarmedAt), AcknowledgedAt: timeOf(r.AcknowledgedAt), AcknowledgedBy: by, Acknowledgers: acknowledgers,
		EscalationLevel: r.EscalationLevel, Escalation: escalation, Outcome: domain.Outcome(r.Outcome), ReachedBy: domain.Command(r.ReachedBy), CreatedAt: r.CreatedAt.UTC(),
		UpdatedAt: r.UpdatedAt.UTC(), ClosedAt: timeOf(r.ClosedAt), Version: r.Version, LastSeq: r.LastSeq,
		GuestPhone: r.GuestPhone, GuestAddress: r.GuestAddress, LowTrust: r.LowTrust,
	}, nil
}

// idOrNull is NULL where there is no id.
func idOrNull(id domain.TicketID) sql.NullString {
	return sql.NullString{String: string(id), Valid: id != ""}
}

func nullTime(t *time.Time) sql.NullTime {
	if t == nil {
		return sql.NullTime{}
	}
	return sql.NullTime{Time: *t, Valid: true}
}

func timeOf(n sql.NullTime) *time.Time {
	if !n.Valid {
		return nil
	}
	t := n.Time.UTC()
	return &t
}

// text is how JSON goes to the database: as a string, because bytes would be sent as binary jsonb.
func text(v any) (string, error) {
	doc, err := json.Marshal(v)
	return string(doc), err
}
