package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const shareColumns = `s.id AS s_id, s.ticket_id AS s_ticket_id, s.contact_id AS s_contact_id, s.name AS s_name, s.token_hash AS s_token_hash,
	s.created_at AS s_created_at, s.expires_at AS s_expires_at, s.revoked_at AS s_revoked_at`

type shareRow struct {
	ShareID   string         `db:"s_id"`
	TicketID  string         `db:"s_ticket_id"`
	ContactID sql.NullString `db:"s_contact_id"`
	Name      string         `db:"s_name"`
	TokenHash []byte         `db:"s_token_hash"`
	CreatedAt time.Time      `db:"s_created_at"`
	ExpiresAt time.Time      `db:"s_expires_at"`
	RevokedAt sql.NullTime   `db:"s_revoked_at"`
}

func (r shareRow) share() ports.NewShare {
	link := ports.NewShare{Share: domain.Share{
		ID: domain.ShareID(r.ShareID), Ticket: domain.TicketID(r.TicketID), Contact: domain.ContactID(r.ContactID.String), Name: r.Name,
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(), RevokedAt: timeOf(r.RevokedAt),
	}}
	copy(link.Token[:], r.TokenHash)
	return link
}

// Share implements ports.Shares.
func (s *Store) Share(ctx context.Context, ticket domain.TicketID, once ports.Repeatable, create func(*domain.Case, int, time.Time) (ports.NewShare, error)) (ports.NewShare, error) {
	// Of a closed ticket none is made, so whether a day has passed since makes no difference here.
	const live = `SELECT count(*) FROM shares WHERE ticket_id = $1 AND revoked_at IS NULL AND expires_at > $2`
	const insert = `
		INSERT INTO shares (id, ticket_id, contact_id, name, token_hash, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	var made ports.NewShare
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		c, now, err := lockCase(ctx, tx, ticket)
		if err != nil {
			return err
		}
		if repeated, err := answered(ctx, tx, once, &made); repeated || err != nil {
			return err
		}
		var others int
		if err := tx.GetContext(ctx, &others, live, ticket, now); err != nil {
			return fmt.Errorf("count the links of ticket %s: %w", ticket, err)
		}
		if made, err = create(c, others, now); err != nil {
			return err
		}
		link := made.Share
		contact := sql.NullString{String: string(link.Contact), Valid: link.Contact != ""}
		if _, err := tx.ExecContext(ctx, insert, link.ID, link.Ticket, contact, link.Name, made.Token[:], link.CreatedAt, link.ExpiresAt); err != nil {
			return fmt.Errorf("store link %s: %w", link.ID, err)
		}
		return remember(ctx, tx, once, made)
	})
	return made, err
}

// Shares implements ports.Shares.
func (s *Store) Shares(ctx context.Context, ticket domain.TicketID) ([]ports.NewShare, error) {
	const read = `SELECT ` + shareColumns + ` FROM shares s WHERE s.ticket_id = $1 ORDER BY s.id DESC LIMIT 100`
	var rows []shareRow
	if err := s.db.Primary().SelectContext(ctx, &rows, read, ticket); err != nil {
		return nil, shared.Classify(fmt.Errorf("list the links of ticket %s: %w", ticket, err))
	}
	links := make([]ports.NewShare, 0, len(rows))
	for _, r := range rows {
		links = append(links, r.share())
	}
	return links, nil
}

// Revoke implements ports.Shares.
func (s *Store) Revoke(ctx context.Context, id domain.ShareID, allow func(domain.Case) error) error {
	const find = `SELECT s.ticket_id FROM shares s WHERE s.id = $1 FOR UPDATE`
	const revoke = `UPDATE shares SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL`
	return s.db.Tx(ctx, func(tx *sqlx.Tx) error {
		var ticket domain.TicketID
		if err := tx.GetContext(ctx, &ticket, find, id); errors.Is(err, sql.ErrNoRows) {
			return domain.ErrShareNotFound
		} else if err != nil {
			return fmt.Errorf("find link %s: %w", id, err)
		}
		const read = `SELECT ` + ticketColumns + ` FROM tickets t WHERE t.id = $1`
		c, _, err := readCase(ctx, tx, read, ticket)
		if err != nil {
			return err
		}
		if err := allow(*c); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, revoke, id)
		return err
	})
}

// followedRow is a link beside its ticket; both have columns of the same names.
type followedRow struct {
	shareRow
	ticketRow
	Now time.Time `db:"now"`
}

func (r followedRow) followed() (ports.Followed, error) {
	t, err := r.ticket()
	return ports.Followed{Share: r.share().Share, Ticket: t, Now: r.Now.UTC()}, err
}

// selectFollowed leaves out the links of those who are contacts no longer, whether
// or not anybody has come to revoke them.
const selectFollowed = `SELECT clock_timestamp() AS now, ` + shareColumns + `, ` + ticketColumns + ` FROM shares s JOIN tickets t ON t.id = s.ticket_id
	WHERE (s.contact_id IS NULL OR EXISTS (SELECT FROM helpers h WHERE h.ticket_id = t.id AND h.contact_id = s.contact_id AND ` + stillAgrees + `)) AND `

// KeepLinks implements ports.Shares.
func (s *Store) KeepLinks(ctx context.Context, links []ports.NewShare) ([]ports.NewShare, error) {
	const insert = `
		INSERT INTO shares (id, ticket_id, contact_id, name, token_hash, created_at, expires_at)
		SELECT id, ticket_id, contact_id, name, decode(token_hash, 'hex'), created_at, expires_at
		FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[])
			AS n (id, ticket_id, contact_id, name, token_hash, created_at, expires_at)
		ON CONFLICT DO NOTHING`
	const read = `SELECT ` + shareColumns + ` FROM shares s WHERE s.id = ANY($1::uuid[])`
	columns := make([]pq.StringArray, 7)
	for _, link := range links {
		l := link.Share
		for i, value := range []string{
			string(l.ID), string(l.Ticket), string(l.Contact), l.Name, hex.EncodeToString(link.Token[:]), l.CreatedAt.Format(time.RFC3339Nano), l.ExpiresAt.Format(time.RFC3339Nano),
		} {
			columns[i] = append(columns[i], value)
		}
	}
	if _, err := s.db.Primary().ExecContext(ctx, insert, columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], columns[6]); err != nil {
		return nil, shared.Classify(fmt.Errorf("store contacts' links: %w", err))
	}
	var rows []shareRow
	if err := s.db.Primary().SelectContext(ctx, &rows, read, columns[0]); err != nil {
		return nil, shared.Classify(fmt.Errorf("read contacts' links: %w", err))
	}
	kept := make([]ports.NewShare, 0, len(rows))
	for _, r := range rows {
		kept = append(kept, r.share())
	}
	return kept, nil
}

// Followed implements ports.Shares.
func (s *Store) Followed(ctx context.Context, token ports.ShareToken) (ports.Followed, error) {
	const read = selectFollowed + `s.token_hash = $1`
	var row followedRow
	if err := s.db.Primary().GetContext(ctx, &row, read, token[:]); errors.Is(err, sql.ErrNoRows) {
		return ports.Followed{}, domain.ErrShareNotFound
	} else if err != nil {
		return ports.Followed{}, shared.Classify(fmt.Errorf("find a link: %w", err))
	}
	return row.followed()
}

// Watch implements ports.Shares.
func (s *Store) Watch(ctx context.Context, ids []domain.ShareID) ([]ports.Followed, error) {
	const read = selectFollowed + `s.id = ANY($1::uuid[])`
	names := make(pq.StringArray, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	var rows []followedRow
	if err := s.db.Primary().SelectContext(ctx, &rows, read, names); err != nil {
		return nil, shared.Classify(fmt.Errorf("look at links: %w", err))
	}
	found := make([]ports.Followed, 0, len(rows))
	for _, r := range rows {
		f, err := r.followed()
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, nil
}
