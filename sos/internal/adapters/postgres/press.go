package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/loveapp/backend/shared/failpoint"
	shared "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// pressTries: a press starts anew when another ticket of its reporter was
// reopened in the same moment.
const pressTries = 3

// pressesAtOnce go to the database each in a transaction of its own: repeats,
// second presses, guests and what a group could not store. The others wait in the
// order in which they came: each has to have a connection, and one that is opened
// for it costs both sides more than ten presses do. With 40 of them, at 200 a
// second, alarms came 17 s late, because presses left the database no time for
// telling anybody.
const pressesAtOnce = 12

// inside is the time that whoever comes in must still have. One who runs out of
// it in the middle takes the connection along.
const inside = 500 * time.Millisecond

// Press implements ports.Tickets. What is to be counted with others of its
// network is stored alone: it may have to wait for them.
func (s *Store) Press(ctx context.Context, at ports.PressAddress, take func(domain.Desk) (*domain.Case, bool, error)) (domain.Case, error) {
	var result domain.Case
	err := s.reached(ctx, func(ctx context.Context) error {
		o := outcome{alone: true}
		if at.Network == "" {
			o = s.together(ctx, at, take)
		}
		if o.alone {
			if err := s.enter(ctx); err != nil {
				return shared.Classify(err)
			}
			defer s.door.Release(1)
			o = s.pressAlone(ctx, at, take, waitForTurn)
		}
		result = o.result
		return shared.Classify(o.err)
	})
	if err != nil {
		return domain.Case{}, err
	}
	return result, nil
}

// Everybody who presses for a reporter takes turns, on every instance, so that the
// same key in flight twice is taken twice, one after the other. Whoever stores what
// others wait behind does not wait: it may be a machine that has frozen whose turn it is.
const (
	waitForTurn = `SELECT pg_advisory_xact_lock(hashtextextended('sos.press ' || $1, 0)) IS NOT NULL`
	tryTurn     = `SELECT pg_try_advisory_xact_lock(hashtextextended('sos.press ' || $1, 0))`
)

var errNotTheirTurn = errors.New("somebody else presses for the same reporter")

// pressAlone stores a press in a transaction of its own.
func (s *Store) pressAlone(ctx context.Context, at ports.PressAddress, take func(domain.Desk) (*domain.Case, bool, error), turn string) (o outcome) {
	alerts := 0
	for try := 1; ; try++ {
		o.err = s.db.Tx(ctx, func(tx *sqlx.Tx) (err error) {
			o.result, alerts, err = press(ctx, tx, at, take, turn)
			return err
		})
		if try == pressTries || !shared.IsUnique(o.err, oneOpen) {
			break
		}
	}
	switch {
	case o.err == nil:
		failpoint.Reach(failpoint.AfterCommit)
		s.queued(alerts)
	case errors.Is(o.err, errNotTheirTurn):
		return outcome{alone: true}
	}
	return o
}

// enter waits for a press's turn.
func (s *Store) enter(ctx context.Context) error {
	ctx, cancel := withoutInside(ctx)
	defer cancel()
	return s.door.Acquire(ctx, 1)
}

func press(ctx context.Context, tx *sqlx.Tx, at ports.PressAddress, take func(domain.Desk) (*domain.Case, bool, error), turn string) (domain.Case, int, error) {
	var theirs bool
	if err := tx.GetContext(ctx, &theirs, turn, at.Reporter); err != nil {
		return domain.Case{}, 0, fmt.Errorf("wait for the reporter's turn: %w", err)
	}
	if !theirs {
		return domain.Case{}, 0, errNotTheirTurn
	}
	desk, err := layDesk(ctx, tx, at)
	if err != nil {
		return domain.Case{}, 0, fmt.Errorf("read what decides about the press: %w", err)
	}
	c, merged, err := take(desk)
	if err != nil {
		return domain.Case{}, 0, err
	}
	var memo *pressMemo
	if desk.Earlier == nil {
		memo = &pressMemo{string(at.ID), merged}
	}
	if err := save(ctx, tx, c, memo); err != nil {
		return domain.Case{}, 0, err
	}
	failpoint.Reach(failpoint.BeforeCommit)
	return domain.Case{Ticket: c.Ticket, Helpers: c.Helpers}, len(c.Alerts()), nil
}

// deskRow is everything that decides about a press in one round trip.
type deskRow struct {
	Now      time.Time      `db:"now"`
	Name     sql.NullString `db:"name"`
	Earlier  sql.NullString `db:"earlier"`
	Merged   sql.NullBool   `db:"merged"`
	Open     sql.NullString `db:"open"`
	Contacts []byte         `db:"contacts"`
	Standing []byte         `db:"standing"`
	AtPlace  int            `db:"at_place"`
}

func layDesk(ctx context.Context, tx *sqlx.Tx, at ports.PressAddress) (domain.Desk, error) {
	const read = `
		SELECT clock_timestamp() AS now, ` + standingColumn + `,
			(SELECT name FROM people WHERE user_id = $2) AS name,
			p.ticket_id AS earlier, p.merged,
			(SELECT id FROM tickets WHERE reporter_id = $2 AND drill = $3 AND closed_at IS NULL) AS open,
			(SELECT json_agg(json_build_object('contactId', id, 'userId', user_id, 'name', name) ORDER BY priority, id)
				FROM contacts WHERE owner_id = $2 AND status = 'active') AS contacts,
			(SELECT count(*) FROM tickets WHERE guest_address = $4 AND guest_address <> '' AND closed_at IS NULL) AS at_place
		FROM (SELECT) AS one LEFT JOIN presses p ON p.id = $1`
	var row deskRow
	if err := tx.GetContext(ctx, &row, read, at.ID, at.Reporter, at.Drill, at.Network); err != nil {
		return domain.Desk{}, err
	}
	desk := domain.Desk{Now: row.Now.UTC(), ReporterName: row.Name.String, EarlierMerged: row.Merged.Bool, OpenAtAddress: row.AtPlace}
	var err error
	if desk.Helpers, err = helpersFromJSON(row.Contacts); err != nil {
		return domain.Desk{}, err
	}
	if desk.Standing, err = standingOf(row.Standing); err != nil {
		return domain.Desk{}, err
	}
	if row.Earlier.Valid {
		desk.Earlier, _, err = lockCase(ctx, tx, domain.TicketID(row.Earlier.String))
		return desk, err
	}
	if row.Open.Valid {
		c, _, err := lockCase(ctx, tx, domain.TicketID(row.Open.String))
		if err != nil {
			return domain.Desk{}, err
		}
		if !c.Ticket.Status.Closed() { // it may have been closed while this waited for its lock
			desk.Open = c
		}
	}
	if at.Network != "" && desk.Open == nil && desk.OpenAtAddress < domain.MaxOpenGuests {
		desk.OpenAtAddress, err = guestsInNeed(ctx, tx, at.Network)
	}
	return desk, err
}

func helpersFromJSON(text []byte) ([]domain.Recipient, error) {
	var rows []helperJSON
	if len(text) > 0 {
		if err := json.Unmarshal(text, &rows); err != nil {
			return nil, fmt.Errorf("read contacts: %w", err)
		}
	}
	helpers := make([]domain.Recipient, 0, len(rows))
	for _, r := range rows {
		helpers = append(helpers, domain.Recipient{Contact: domain.ContactID(r.ContactID), User: domain.UserID(r.UserID), Name: r.Name, Withdrawn: r.Withdrawn})
	}
	return helpers, nil
}
