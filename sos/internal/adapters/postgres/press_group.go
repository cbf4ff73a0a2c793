package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/shared/tracing"
	"github.com/loveapp/backend/sos/internal/domain"
)

// pressTogether stores the presses of a group that open tickets, which nearly
// all do, in one transaction. The others, and all of them where it fails, are
// left to transactions of their own: so none takes its neighbours down.
func (s *Store) pressTogether(group []*waiting) {
	ctx, cancel := context.WithTimeout(context.Background(), s.presses.limit)
	defer cancel()
	var stored opened
	err := s.db.Tx(ctx, func(tx *sqlx.Tx) (err error) {
		stored, err = openAll(ctx, tx, group)
		return err
	})
	if err == nil {
		failpoint.Reach(failpoint.AfterCommit)
		s.queued(stored.alerts)
	}
	for i, w := range group {
		if err != nil {
			w.done <- outcome{alone: true}
			continue
		}
		w.done <- stored.outcomes[i]
	}
}

// opened is what became of a group, by place.
type opened struct {
	outcomes []outcome
	alerts   int
}

func openAll(ctx context.Context, tx *sqlx.Tx, group []*waiting) (opened, error) {
	o := opened{outcomes: make([]outcome, len(group))}
	desks, err := layDesks(ctx, tx, group)
	if err != nil {
		return o, fmt.Errorf("read what decides about %d presses: %w", len(group), err)
	}
	fresh := newEffects()
	for i, w := range group {
		desk, simple := desks[i]
		if !simple {
			o.outcomes[i].alone = true
			continue
		}
		c, merged, err := w.take(desk)
		switch {
		case err != nil:
			o.outcomes[i].err = err
		case c.Ticket.Version != 1 || c.Way() != nil:
			o.outcomes[i].alone = true
		default:
			fresh.add(c, pressMemo{string(w.at.ID), merged}, tracing.Carried(w.ctx))
			o.alerts += len(c.Alerts())
			o.outcomes[i].result = domain.Case{Ticket: c.Ticket, Helpers: c.Helpers}
		}
	}
	if err := fresh.save(ctx, tx); err != nil {
		return o, err
	}
	failpoint.Reach(failpoint.BeforeCommit)
	return o, nil
}

// layDesks gives the desks, by place, of those presses whose reporter's turn it
// is and who have no open ticket: whoever would have to wait would hold up the rest.
func layDesks(ctx context.Context, tx *sqlx.Tx, group []*waiting) (map[int]domain.Desk, error) {
	const turns = `
		SELECT r.place FROM unnest($1::text[]) WITH ORDINALITY AS r (reporter, place)
		WHERE pg_try_advisory_xact_lock(hashtextextended('sos.press ' || r.reporter, 0))`
	// A statement of its own: it has to see what was committed before the turns were had.
	const read = `
		SELECT a.place, clock_timestamp() AS now, CASE WHEN a.place = 1 THEN ` + standingValue + ` END AS standing,
			(SELECT name FROM people WHERE user_id = a.reporter) AS name,
			p.id IS NOT NULL OR EXISTS (SELECT FROM tickets t WHERE t.reporter_id = a.reporter AND t.drill = a.drill AND t.closed_at IS NULL) AS known,
			(SELECT json_agg(json_build_object('contactId', c.id, 'userId', c.user_id, 'name', c.name) ORDER BY c.priority, c.id)
				FROM contacts c WHERE c.owner_id = a.reporter AND c.status = 'active') AS contacts
		FROM unnest($1::uuid[], $2::text[], $3::boolean[]) WITH ORDINALITY AS a (id, reporter, drill, place)
		LEFT JOIN presses p ON p.id = a.id
		ORDER BY a.place`
	reporters := make(pq.StringArray, len(group))
	for i, w := range group {
		reporters[i] = string(w.at.Reporter)
	}
	var places []int
	if err := tx.SelectContext(ctx, &places, turns, reporters); err != nil {
		return nil, err
	}
	ids, theirs, drills := make(pq.StringArray, len(places)), make(pq.StringArray, len(places)), make(pq.BoolArray, len(places))
	for i, place := range places {
		at := group[place-1].at
		ids[i], theirs[i], drills[i] = string(at.ID), string(at.Reporter), at.Drill
	}
	var rows []struct {
		Place    int            `db:"place"`
		Now      time.Time      `db:"now"`
		Standing []byte         `db:"standing"`
		Name     sql.NullString `db:"name"`
		Known    bool           `db:"known"`
		Contacts []byte         `db:"contacts"`
	}
	if err := tx.SelectContext(ctx, &rows, read, ids, theirs, drills); err != nil {
		return nil, err
	}
	desks := make(map[int]domain.Desk, len(rows))
	var standing domain.Standing
	for _, r := range rows {
		var err error
		if len(r.Standing) > 0 {
			if standing, err = standingOf(r.Standing); err != nil {
				return nil, err
			}
		}
		if r.Known {
			continue
		}
		desk := domain.Desk{Now: r.Now.UTC(), ReporterName: r.Name.String, Standing: standing}
		if desk.Helpers, err = helpersFromJSON(r.Contacts); err != nil {
			return nil, err
		}
		desks[places[r.Place-1]-1] = desk
	}
	return desks, nil
}
