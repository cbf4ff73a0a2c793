package postgres

import (
	"context"
	"fmt"
	"time"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Questions = (*Store)(nil)

// ClaimConsents implements ports.Questions. The lease is when the request is due again.
func (s *Store) ClaimConsents(ctx context.Context, limit int, lease time.Duration) ([]ports.ClaimedConsent, error) {
	const claim = `
		UPDATE consents k SET attempts = k.attempts + 1, due_at = now() + make_interval(secs => $2)
		FROM (
			SELECT q.id, c.owner_id, c.email, c.phone FROM consents q JOIN contacts c ON c.id = q.contact_id
			WHERE q.sent_at IS NULL AND q.due_at <= now() AND q.answered_at IS NULL AND q.expires_at > now()
				AND c.status = 'invited' AND q.address IN (lower(c.email), c.phone)
			ORDER BY q.due_at LIMIT $1 FOR UPDATE OF q SKIP LOCKED
		) AS due
		WHERE k.id = due.id
		RETURNING k.id, k.contact_id, k.channel, k.address, k.locale, k.token_hash, k.created_at, k.expires_at, k.attempts, due.owner_id, due.email, due.phone`
	var rows []struct {
		ID        string    `db:"id"`
		ContactID string    `db:"contact_id"`
		Channel   string    `db:"channel"`
		Address   string    `db:"address"`
		Locale    string    `db:"locale"`
		TokenHash []byte    `db:"token_hash"`
		CreatedAt time.Time `db:"created_at"`
		ExpiresAt time.Time `db:"expires_at"`
		Attempts  int       `db:"attempts"`
		OwnerID   string    `db:"owner_id"`
		Email     string    `db:"email"`
		Phone     string    `db:"phone"`
	}
	if err := s.db.Primary().SelectContext(ctx, &rows, claim, limit, lease.Seconds()); err != nil {
		return nil, shared.Classify(fmt.Errorf("claim requests for consent: %w", err))
	}
	claimed := make([]ports.ClaimedConsent, 0, len(rows))
	for _, r := range rows {
		one := ports.ClaimedConsent{Owner: domain.UserID(r.OwnerID), At: domain.Addresses{Email: r.Email, Phone: r.Phone}, Attempt: r.Attempts}
		one.Consent = domain.Consent{
			ID: domain.ConsentID(r.ID), Contact: domain.ContactID(r.ContactID), Channel: domain.AddressChannel(r.Channel), Address: r.Address, Locale: r.Locale,
			CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		}
		copy(one.Token[:], r.TokenHash)
		claimed = append(claimed, one)
	}
	return claimed, nil
}

// ConsentSent implements ports.Questions.
func (s *Store) ConsentSent(ctx context.Context, id domain.ConsentID) error {
	const sent = `UPDATE consents SET sent_at = now() WHERE id = $1 AND sent_at IS NULL`
	if _, err := s.db.Primary().ExecContext(ctx, sent, id); err != nil {
		return shared.Classify(fmt.Errorf("note that consent %s was asked for: %w", id, err))
	}
	return nil
}

// PostponeConsent implements ports.Questions.
func (s *Store) PostponeConsent(ctx context.Context, id domain.ConsentID, after time.Duration) error {
	const postpone = `UPDATE consents SET due_at = now() + make_interval(secs => $2) WHERE id = $1 AND sent_at IS NULL`
	if _, err := s.db.Primary().ExecContext(ctx, postpone, id, after.Seconds()); err != nil {
		return shared.Classify(fmt.Errorf("postpone consent %s: %w", id, err))
	}
	return nil
}
