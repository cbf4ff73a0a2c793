package postgres

import (
	"context"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
)

const (
	heldSessions   = `SELECT ` + sessionColumns + ` FROM sessions s WHERE s.user_id = $1 ORDER BY s.id DESC LIMIT $2`
	heldTokens     = `SELECT ` + oneTimeColumns + ` FROM one_time_tokens t WHERE t.user_id = $1 ORDER BY t.id DESC LIMIT $2`
	heldEvents     = `SELECT ` + eventColumns + ` FROM ` + eventTables + ` WHERE e.user_id = $1 ORDER BY e.id DESC LIMIT $2`
	heldIdentities = `SELECT i.provider, i.subject, i.created_at FROM identities i WHERE i.user_id = $1 ORDER BY i.provider, i.subject LIMIT $2`
	heldMessages   = `SELECT m.id, m.channel, m.template, m.address, m.expires_at FROM messages m WHERE m.user_id = $1 ORDER BY m.id DESC LIMIT $2`
)

type heldIdentity struct {
	Provider  string    `db:"provider"`
	Subject   string    `db:"subject"`
	CreatedAt time.Time `db:"created_at"`
}

type heldMessage struct {
	ID        string    `db:"id"`
	Channel   string    `db:"channel"`
	Template  string    `db:"template"`
	Address   string    `db:"address"`
	ExpiresAt time.Time `db:"expires_at"`
}

// Holding reads everything about a user, from the primary: an export must not
// lack what has just been changed.
func (s *Store) Holding(ctx context.Context, id domain.UserID, limit int) (held domain.Holding, err error) {
	if held.User, err = s.ByID(ctx, id); err != nil {
		return held, err
	}
	var (
		sessions   []sessionRow
		tokens     []tokenRow
		events     []eventRow
		identities []heldIdentity
		messages   []heldMessage
	)
	for query, rows := range map[string]any{
		heldSessions: &sessions, heldTokens: &tokens, heldEvents: &events, heldIdentities: &identities, heldMessages: &messages,
	} {
		if err := s.list(ctx, rows, query, string(id), limit); err != nil {
			return held, err
		}
	}
	for _, r := range sessions {
		held.Sessions = append(held.Sessions, r.session())
	}
	for _, r := range tokens {
		held.Tokens = append(held.Tokens, r.token())
	}
	for _, r := range identities {
		held.Identities = append(held.Identities, domain.LinkedIdentity{Provider: r.Provider, Subject: r.Subject, LinkedAt: r.CreatedAt.UTC()})
	}
	for _, r := range messages {
		held.Messages = append(held.Messages, r.held())
	}
	if held.Events, err = decoded(events); err != nil {
		return held, err
	}
	return s.heldFactor(ctx, held)
}

func (r heldMessage) held() domain.HeldMessage {
	return domain.HeldMessage{
		ID: domain.MessageID(r.ID), Channel: domain.Channel(r.Channel), Template: domain.Template(r.Template), Address: r.Address, ExpiresAt: r.ExpiresAt.UTC(),
	}
}

func (s *Store) heldFactor(ctx context.Context, held domain.Holding) (domain.Holding, error) {
	var rows []factorRow
	if err := s.list(ctx, &rows, selectFactor, string(held.User.ID)); err != nil {
		return held, err
	}
	for _, r := range rows {
		held.SecondFactor = r.factor().Held()
	}
	return held, nil
}
