package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

var _ ports.Consents = (*Store)(nil)

// ask keeps a request for consent, unless its address has been asked too often.
func ask(ctx context.Context, tx *sqlx.Tx, request *ports.NewConsent) error {
	const insert = `
		INSERT INTO consents (id, contact_id, channel, address, locale, token_hash, created_at, expires_at)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8
		WHERE (SELECT count(*) FROM consents WHERE address = $4 AND created_at > $7::timestamptz - make_interval(secs => $9)) < $10`
	if request == nil {
		return nil
	}
	c := request.Consent
	if _, err := tx.ExecContext(ctx, insert, c.ID, c.Contact, string(c.Channel), c.Address, c.Locale, request.Token[:], c.CreatedAt, c.ExpiresAt,
		domain.ConsentWindow.Seconds(), domain.MaxConsentRequests); err != nil {
		return fmt.Errorf("store consent %s: %w", c.ID, err)
	}
	return nil
}

type consentRow struct {
	ID         string       `db:"k_id"`
	Channel    string       `db:"k_channel"`
	Address    string       `db:"k_address"`
	Locale     string       `db:"k_locale"`
	CreatedAt  time.Time    `db:"k_created_at"`
	ExpiresAt  time.Time    `db:"k_expires_at"`
	AnsweredAt sql.NullTime `db:"k_answered_at"`
	contactRow
}

// Consent implements ports.Consents.
func (s *Store) Consent(ctx context.Context, token ports.ConsentToken, answer func(*domain.ConsentedContact, time.Time) error) (domain.ConsentedContact, error) {
	const update = `UPDATE consents SET answered_at = $2 WHERE id = $1`
	var result domain.ConsentedContact
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) (err error) {
		if result, err = lockConsent(ctx, tx, token); err != nil {
			return err
		}
		now, err := clock(ctx, tx)
		if err != nil {
			return err
		}
		if err := answer(&result, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, update, result.Consent.ID, nullTime(result.Consent.AnsweredAt)); err != nil {
			return fmt.Errorf("store the answer to consent %s: %w", result.Consent.ID, err)
		}
		return updateContact(ctx, tx, result.Contact)
	})
	return result, err
}

func lockConsent(ctx context.Context, tx *sqlx.Tx, token ports.ConsentToken) (domain.ConsentedContact, error) {
	const lock = `
		SELECT k.id AS k_id, k.channel AS k_channel, k.address AS k_address, k.locale AS k_locale, k.created_at AS k_created_at,
			k.expires_at AS k_expires_at, k.answered_at AS k_answered_at, ` + contactColumns + `
		FROM consents k JOIN contacts c ON c.id = k.contact_id WHERE k.token_hash = $1 FOR UPDATE OF c, k`
	var row consentRow
	if err := tx.GetContext(ctx, &row, lock, token[:]); errors.Is(err, sql.ErrNoRows) {
		return domain.ConsentedContact{}, domain.ErrInvitationNotFound
	} else if err != nil {
		return domain.ConsentedContact{}, fmt.Errorf("find consent: %w", err)
	}
	c := row.contact()
	return domain.ConsentedContact{Contact: c, Consent: domain.Consent{
		ID: domain.ConsentID(row.ID), Contact: c.ID, Channel: domain.AddressChannel(row.Channel), Address: row.Address, Locale: row.Locale,
		CreatedAt: row.CreatedAt.UTC(), ExpiresAt: row.ExpiresAt.UTC(), AnsweredAt: timeOf(row.AnsweredAt),
	}}, nil
}

// AddressedTo implements ports.Consents.
func (s *Store) AddressedTo(ctx context.Context, user domain.UserID, at domain.Addresses, after domain.InvitationID, limit int) ([]domain.InvitedContact, error) {
	const read = `
		SELECT i.id AS i_id, i.created_at AS i_created_at, i.expires_at AS i_expires_at, i.answered_by AS i_answered_by, i.answered_at AS i_answered_at,
			` + contactColumns + `
		FROM contacts c JOIN invitations i ON i.contact_id = c.id
		WHERE c.status = 'invited' AND (c.email <> '' AND lower(c.email) = lower($1) OR c.phone <> '' AND c.phone = $2)
			AND c.owner_id <> $3 AND i.answered_by = '' AND i.expires_at > now()
			AND ($4::uuid IS NULL OR i.id < $4::uuid)
		ORDER BY i.id DESC LIMIT $5`
	var rows []invitationRow
	behind := sql.NullString{String: string(after), Valid: after != ""}
	if err := s.db.Primary().SelectContext(ctx, &rows, read, at.Email, at.Phone, user, behind, limit); err != nil {
		return nil, shared.Classify(fmt.Errorf("find invitations by address: %w", err))
	}
	found := make([]domain.InvitedContact, 0, len(rows))
	for _, r := range rows {
		found = append(found, r.invited())
	}
	return found, nil
}

// AnswerAddressed implements ports.Consents.
func (s *Store) AnswerAddressed(ctx context.Context, id domain.InvitationID, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error) {
	const find = `SELECT token_hash FROM invitations WHERE id = $1`
	var hash []byte
	if err := s.db.Primary().GetContext(ctx, &hash, find, id); errors.Is(err, sql.ErrNoRows) {
		return domain.InvitedContact{}, domain.ErrInvitationNotFound
	} else if err != nil {
		return domain.InvitedContact{}, shared.Classify(fmt.Errorf("find invitation %s: %w", id, err))
	}
	var token ports.InviteToken
	copy(token[:], hash)
	return s.Answer(ctx, token, answer)
}

// Test implements ports.Consents.
func (s *Store) Test(ctx context.Context, owner domain.UserID, id domain.ContactID, admit func(domain.Contact, []domain.ContactTest, time.Time) error) (domain.Contact, error) {
	const recent = `SELECT contact_id, at FROM contact_tests WHERE owner_id = $1 AND at > $2 ORDER BY at`
	const forget = `DELETE FROM contact_tests WHERE owner_id = $1 AND at <= $2`
	const note = `INSERT INTO contact_tests (owner_id, contact_id, at) VALUES ($1, $2, $3)`
	var tested domain.Contact
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		book, now, err := openBook(ctx, tx, owner)
		if err != nil {
			return err
		}
		known := false
		for _, c := range book.Contacts {
			if c.ID == id {
				tested, known = c, true
			}
		}
		if !known {
			return domain.ErrContactNotFound
		}
		var rows []struct {
			Contact string    `db:"contact_id"`
			At      time.Time `db:"at"`
		}
		if err := tx.SelectContext(ctx, &rows, recent, owner, domain.TestsSince(now)); err != nil {
			return fmt.Errorf("count tests: %w", err)
		}
		tests := make([]domain.ContactTest, 0, len(rows))
		for _, r := range rows {
			tests = append(tests, domain.ContactTest{Contact: domain.ContactID(r.Contact), At: r.At.UTC()})
		}
		if err := admit(tested, tests, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, forget, owner, domain.TestsSince(now)); err != nil {
			return fmt.Errorf("forget old tests: %w", err)
		}
		_, err = tx.ExecContext(ctx, note, owner, id, now)
		return err
	})
	return tested, err
}
