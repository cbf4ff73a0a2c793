package postgres

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

type policyJSON struct {
	Version  int         `json:"version"`
	Levels   []levelJSON `json:"levels"`
	RepeatMS int64       `json:"repeatMs"`
	NoShowMS int64       `json:"noShowMs"`
}

type levelJSON struct {
	AfterMS int64           `json:"afterMs"`
	Targets []domain.Target `json:"targets"`
}

func policyDocument(p domain.Policy) policyJSON {
	doc := policyJSON{Version: p.Version, RepeatMS: p.Repeat.Milliseconds(), NoShowMS: p.NoShow.Milliseconds()}
	for _, l := range p.Levels {
		doc.Levels = append(doc.Levels, levelJSON{l.After.Milliseconds(), l.Targets})
	}
	return doc
}

func (doc policyJSON) policy() domain.Policy {
	p := domain.Policy{Version: doc.Version, Repeat: time.Duration(doc.RepeatMS) * time.Millisecond, NoShow: time.Duration(doc.NoShowMS) * time.Millisecond}
	for _, l := range doc.Levels {
		p.Levels = append(p.Levels, domain.Level{After: time.Duration(l.AfterMS) * time.Millisecond, Targets: l.Targets})
	}
	return p
}

type escalationJSON struct {
	Policy      policyJSON `json:"policy"`
	Run         int        `json:"run"`
	Level       int        `json:"level"`
	Round       int        `json:"round"`
	Due         time.Time  `json:"due"`
	PausedUntil *time.Time `json:"pausedUntil,omitempty"`
	PausedMS    int64      `json:"pausedMs,omitempty"`
	HeldUntil   *time.Time `json:"heldUntil,omitempty"`
	Assignee    *actorJSON `json:"assignee,omitempty"`
}

func escalationText(e domain.Escalation) (sql.NullString, error) {
	if e.Run == 0 {
		return sql.NullString{}, nil
	}
	doc := escalationJSON{
		Policy: policyDocument(e.Policy), Run: e.Run, Level: e.Level, Round: e.Round, Due: e.Due,
		PausedUntil: e.PausedUntil, PausedMS: e.Paused.Milliseconds(), HeldUntil: e.HeldUntil,
	}
	if a := e.Assignee; a != nil {
		doc.Assignee = &actorJSON{string(a.User), a.Name, a.Kind()}
	}
	written, err := text(doc)
	return sql.NullString{String: written, Valid: true}, err
}

func escalationOf(n sql.NullString) (domain.Escalation, error) {
	if !n.Valid {
		return domain.Escalation{}, nil
	}
	var doc escalationJSON
	if err := json.Unmarshal([]byte(n.String), &doc); err != nil {
		return domain.Escalation{}, fmt.Errorf("read escalation: %w", err)
	}
	e := domain.Escalation{
		Policy: doc.Policy.policy(), Run: doc.Run, Level: doc.Level, Round: doc.Round, Due: doc.Due,
		PausedUntil: doc.PausedUntil, Paused: time.Duration(doc.PausedMS) * time.Millisecond, HeldUntil: doc.HeldUntil,
	}
	if a := doc.Assignee; a != nil {
		e.Assignee = &domain.Actor{User: domain.UserID(a.User), Name: a.Name, Roles: domain.RolesNamed(a.Kind)}
	}
	return e, nil
}

// standingColumn is standingValue under its name.
const standingColumn = standingValue + ` AS standing`

// standingValue is what of the world around a ticket decides about its
// escalation, read in the statement that reads something else anyway.
const standingValue = `json_build_object(
	'policy', (SELECT policy FROM escalation_policies ORDER BY version DESC LIMIT 1),
	'dispatchers', (SELECT json_agg(user_id ORDER BY user_id) FROM dispatchers))`

func standingOf(doc []byte) (domain.Standing, error) {
	var row struct {
		Policy      *policyJSON     `json:"policy"`
		Dispatchers []domain.UserID `json:"dispatchers"`
	}
	if err := json.Unmarshal(doc, &row); err != nil {
		return domain.Standing{}, fmt.Errorf("read the escalation policy and the dispatchers: %w", err)
	}
	standing := domain.Standing{Policy: domain.DefaultPolicy(), Dispatchers: row.Dispatchers}
	if row.Policy != nil {
		standing.Policy = row.Policy.policy()
	}
	return standing, nil
}
