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

// onePerson is the index that lets nobody be an active contact of one owner twice.
const onePerson = "contacts_one_person"

type invitationRow struct {
	ID         string       `db:"i_id"`
	CreatedAt  time.Time    `db:"i_created_at"`
	ExpiresAt  time.Time    `db:"i_expires_at"`
	AnsweredBy string       `db:"i_answered_by"`
	AnsweredAt sql.NullTime `db:"i_answered_at"`
	contactRow
}

// Answer implements ports.Invitations.
func (s *Store) Answer(ctx context.Context, token ports.InviteToken, answer func(*domain.InvitedContact, time.Time) error) (domain.InvitedContact, error) {
	var result domain.InvitedContact
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) (err error) {
		if result, err = lockInvitation(ctx, tx, token); err != nil {
			return err
		}
		now, err := clock(ctx, tx)
		if err != nil {
			return err
		}
		if err := answer(&result, now); err != nil {
			return err
		}
		return storeAnswer(ctx, tx, result)
	})
	if shared.IsUnique(err, onePerson) {
		return domain.InvitedContact{}, domain.ErrDuplicateContact
	}
	return result, err
}

func lockInvitation(ctx context.Context, tx *sqlx.Tx, token ports.InviteToken) (domain.InvitedContact, error) {
	const lock = `
		SELECT i.id AS i_id, i.created_at AS i_created_at, i.expires_at AS i_expires_at, i.answered_by AS i_answered_by, i.answered_at AS i_answered_at,
			` + contactColumns + `
		FROM invitations i JOIN contacts c ON c.id = i.contact_id WHERE i.token_hash = $1 FOR UPDATE OF c, i`
	var row invitationRow
	if err := tx.GetContext(ctx, &row, lock, token[:]); errors.Is(err, sql.ErrNoRows) {
		return domain.InvitedContact{}, domain.ErrInvitationNotFound
	} else if err != nil {
		return domain.InvitedContact{}, fmt.Errorf("find invitation: %w", err)
	}
	return row.invited(), nil
}

func (r invitationRow) invited() domain.InvitedContact {
	c := r.contact()
	return domain.InvitedContact{Contact: c, Invitation: domain.Invitation{
		ID: domain.InvitationID(r.ID), Contact: c.ID, Owner: c.Owner, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		AnsweredBy: domain.UserID(r.AnsweredBy), AnsweredAt: timeOf(r.AnsweredAt),
	}}
}

func storeAnswer(ctx context.Context, tx *sqlx.Tx, i domain.InvitedContact) error {
	const update = `UPDATE invitations SET answered_by = $2, answered_at = $3 WHERE id = $1`
	if _, err := tx.ExecContext(ctx, update, i.Invitation.ID, i.Invitation.AnsweredBy, nullTime(i.Invitation.AnsweredAt)); err != nil {
		return fmt.Errorf("store the answer to invitation %s: %w", i.Invitation.ID, err)
	}
	return updateContact(ctx, tx, i.Contact)
}
