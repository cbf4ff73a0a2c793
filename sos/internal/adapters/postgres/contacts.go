package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const contactColumns = `c.id, c.owner_id, c.name, c.email, c.phone, c.priority, c.locale, c.status, c.user_id, c.created_at, c.updated_at, c.agreed_by`

// Invite implements ports.ContactBooks.
func (s *Store) Invite(ctx context.Context, owner domain.UserID, once ports.Repeatable, invite func(domain.ContactBook, time.Time) (ports.Invitation, error)) (ports.Invitation, error) {
	var result ports.Invitation
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		book, now, err := openBook(ctx, tx, owner)
		if err != nil {
			return err
		}
		repeated, err := answered(ctx, tx, once, &result)
		if err != nil || repeated {
			return err
		}
		if result, err = invite(book, now); err != nil {
			return err
		}
		if err := addContact(ctx, tx, result); err != nil {
			return err
		}
		return remember(ctx, tx, once, result)
	})
	return result, err
}

func addContact(ctx context.Context, tx *sqlx.Tx, added ports.Invitation) error {
	const contact = `
		INSERT INTO contacts (id, owner_id, name, email, phone, priority, locale, status, user_id, created_at, updated_at)
		VALUES (:id, :owner_id, :name, :email, :phone, :priority, :locale, :status, :user_id, :created_at, :updated_at)`
	const invitation = `INSERT INTO invitations (id, contact_id, owner_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := tx.NamedExecContext(ctx, contact, contactRowOf(added.Contact)); err != nil {
		return fmt.Errorf("store contact %s: %w", added.Contact.ID, err)
	}
	i := added.Invitation
	if _, err := tx.ExecContext(ctx, invitation, i.ID, i.Contact, i.Owner, added.Token[:], i.CreatedAt, i.ExpiresAt); err != nil {
		return fmt.Errorf("store invitation %s: %w", i.ID, err)
	}
	return ask(ctx, tx, added.Consent)
}

// openBook waits until nobody else changes the owner's contacts and reads them.
func openBook(ctx context.Context, tx *sqlx.Tx, owner domain.UserID) (domain.ContactBook, time.Time, error) {
	const turn = `SELECT pg_advisory_xact_lock(hashtextextended('sos.contacts ' || $1, 0))`
	const contacts = `SELECT ` + contactColumns + ` FROM contacts c WHERE c.owner_id = $1 ORDER BY c.id`
	const invitations = `SELECT created_at FROM invitations WHERE owner_id = $1 AND created_at > $2 ORDER BY created_at`
	if _, err := tx.ExecContext(ctx, turn, owner); err != nil {
		return domain.ContactBook{}, time.Time{}, fmt.Errorf("wait for the owner's turn: %w", err)
	}
	now, err := clock(ctx, tx)
	if err != nil {
		return domain.ContactBook{}, time.Time{}, err
	}
	book := domain.ContactBook{Owner: owner}
	var rows []contactRow
	if err := tx.SelectContext(ctx, &rows, contacts, owner); err != nil {
		return book, now, fmt.Errorf("read contacts: %w", err)
	}
	for _, r := range rows {
		book.Contacts = append(book.Contacts, r.contact())
	}
	if err := tx.SelectContext(ctx, &book.Invitations, invitations, owner, domain.InvitationsSince(now)); err != nil {
		return book, now, fmt.Errorf("count invitations: %w", err)
	}
	return book, now, nil
}

// clock is the one that decides. It is read after a lock was taken, so that
// changes of one thing are dated in the order in which they happen.
func clock(ctx context.Context, tx *sqlx.Tx) (time.Time, error) {
	const read = `SELECT clock_timestamp()`
	var now time.Time
	if err := tx.GetContext(ctx, &now, read); err != nil {
		return time.Time{}, fmt.Errorf("read the clock: %w", err)
	}
	return now.UTC(), nil
}

// Change implements ports.ContactBooks.
func (s *Store) Change(ctx context.Context, owner domain.UserID, change func(domain.ContactBook, time.Time) (domain.Contact, *ports.NewConsent, error)) (domain.Contact, error) {
	var result domain.Contact
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		book, now, err := openBook(ctx, tx, owner)
		if err != nil {
			return err
		}
		var asked *ports.NewConsent
		if result, asked, err = change(book, now); err != nil {
			return err
		}
		if err := updateContact(ctx, tx, result); err != nil {
			return err
		}
		return askAnew(ctx, tx, owner, asked)
	})
	return result, err
}

// askAnew keeps the request and counts it with the owner's invitations: as one
// that was over when it was made, so that nothing opens it.
func askAnew(ctx context.Context, tx *sqlx.Tx, owner domain.UserID, asked *ports.NewConsent) error {
	const count = `INSERT INTO invitations (id, contact_id, owner_id, token_hash, created_at, expires_at) VALUES ($1, NULL, $2, $3, $4, $4)`
	if asked == nil {
		return nil
	}
	nobodys := sha256.Sum256(asked.Token[:])
	if _, err := tx.ExecContext(ctx, count, asked.Consent.ID, owner, nobodys[:], asked.Consent.CreatedAt); err != nil {
		return fmt.Errorf("count consent %s: %w", asked.Consent.ID, err)
	}
	return ask(ctx, tx, asked)
}

func updateContact(ctx context.Context, tx *sqlx.Tx, c domain.Contact) error {
	const update = `
		UPDATE contacts SET name = :name, email = :email, phone = :phone, priority = :priority, locale = :locale, status = :status,
			user_id = :user_id, updated_at = :updated_at, agreed_by = :agreed_by
		WHERE id = :id`
	if _, err := tx.NamedExecContext(ctx, update, contactRowOf(c)); err != nil {
		return fmt.Errorf("store contact %s: %w", c.ID, err)
	}
	return nil
}

// Remove implements ports.ContactBooks.
func (s *Store) Remove(ctx context.Context, owner domain.UserID, id domain.ContactID) (domain.Contact, error) {
	const remove = `DELETE FROM contacts c WHERE c.id = $1 AND c.owner_id = $2 RETURNING ` + contactColumns
	var row contactRow
	if err := s.db.Primary().GetContext(ctx, &row, remove, id, owner); errors.Is(err, sql.ErrNoRows) {
		return domain.Contact{}, domain.ErrContactNotFound
	} else if err != nil {
		return domain.Contact{}, shared.Classify(fmt.Errorf("remove contact %s: %w", id, err))
	}
	return row.contact(), nil
}

// Page implements ports.ContactBooks.
func (s *Store) Page(ctx context.Context, owner domain.UserID, after domain.ContactID, limit int) ([]domain.Contact, error) {
	const read = `SELECT ` + contactColumns + ` FROM contacts c WHERE c.owner_id = $1 AND ($2::uuid IS NULL OR c.id > $2::uuid) ORDER BY c.id LIMIT $3`
	var rows []contactRow
	if err := s.db.Reader().SelectContext(ctx, &rows, read, owner, sql.NullString{String: string(after), Valid: after != ""}, limit); err != nil {
		return nil, shared.Classify(fmt.Errorf("list contacts: %w", err))
	}
	page := make([]domain.Contact, 0, len(rows))
	for _, r := range rows {
		page = append(page, r.contact())
	}
	return page, nil
}
