package notification

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/adapters/redisstore"
	"github.com/loveapp/backend/notification/internal/domain"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/redispool"
)

// defaultHorizon is how long a connected device may take to say that it has shown something.
const defaultHorizon = 10 * time.Minute

// ErrLoss: the audit has found something missing.
var ErrLoss = errors.New("something is missing: see above")

// LossAudit compares inboxes, their entries, announcements and acknowledgements, and
// looks at what waits to be sent and at what was,
// and writes what is missing and a table of what it has looked at. It changes
// nothing, reads a replica where it can, and holds a thousand inboxes at a time.
// It fails with ErrLoss where something is missing.
func LossAudit(ctx context.Context, c Config, out io.Writer) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	c = c.withDefaults()
	db, err := database.Open(ctx, database.FromInfra(c.Infra, postgres.Schema, c.Logger))
	if err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	redis, err := redispool.Open(redispool.FromInfra(c.Infra, c.Logger))
	if err != nil {
		return errors.Join(fmt.Errorf("notification: %w", err), db.Close())
	}
	defer func() { err = errors.Join(err, db.Close(), redis.Close()) }()
	a := &lossAudit{
		store: postgres.NewAudit(db), registry: redisstore.NewRegistry(redis), out: out, horizon: cmp.Or(c.AuditHorizon.Std(), defaultHorizon),
		young: domain.Retention{Settled: c.KeepSettled.Std()}.WithDefaults().Settled,
	}
	return a.run(ctx)
}

type lossAudit struct {
	store    *postgres.Audit
	registry *redisstore.Registry
	out      io.Writer
	horizon  time.Duration
	young    time.Duration

	numberings domain.Numberings
	rows       []auditRow
	blind      error // why sockets were not looked at
}

// auditRow is a line of the table.
type auditRow struct {
	check           string
	looked          count
	broken, missing int64
}

// count is how many were looked at; less than none: all there are.
type count int64

const everything count = -1

// String is for the table.
func (c count) String() string {
	if c == everything {
		return "all"
	}
	return strconv.FormatInt(int64(c), 10)
}

func (r *auditRow) found(n int64) {
	r.broken++
	r.missing += n
}

func (a *lossAudit) run(ctx context.Context) (err error) {
	if a.numberings, err = a.store.Numberings(ctx); err != nil {
		return err
	}
	for _, check := range []func(context.Context) error{a.inboxes, a.strays, a.announced, a.overdue, a.repeated} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	if err := a.table(); err != nil {
		return err
	}
	for _, r := range a.rows {
		if r.broken > 0 {
			return ErrLoss
		}
	}
	return nil
}

func (a *lossAudit) say(format string, args ...any) error {
	_, err := fmt.Fprintf(a.out, format+"\n", args...)
	return err
}

// inboxes walks over all of them once.
func (a *lossAudit) inboxes(ctx context.Context) error {
	gaps, counters, unshown := auditRow{check: "inboxes without a gap"}, auditRow{check: "unread counters"}, auditRow{check: "acknowledged while connected"}
	for after := postgres.AnyUser; ; {
		batch, err := a.store.Inboxes(ctx, after)
		if err != nil {
			return err
		}
		for _, step := range []error{a.gaps(ctx, after, batch, &gaps), a.counters(batch, &counters), a.unshown(ctx, batch, &unshown)} {
			if step != nil {
				return step
			}
		}
		if len(batch) < postgres.AuditMost {
			break
		}
		after = batch[len(batch)-1].User
	}
	a.rows = append(a.rows, gaps, counters, unshown)
	return nil
}

func (a *lossAudit) gaps(ctx context.Context, after domain.UserID, batch []domain.Audited, row *auditRow) error {
	row.looked += count(len(batch))
	found, err := a.store.Gaps(ctx, after)
	if err != nil {
		return err
	}
	for _, g := range found {
		if missing := a.numberings.Missing(g.Before, g.Seq); missing > 0 {
			row.found(missing)
			if err := a.say("gap: user %s lacks %d between seq %d and %d", g.User, missing, g.Before, g.Seq); err != nil {
				return err
			}
		}
	}
	for _, b := range batch {
		if missing := b.MissingAtTheEnd(a.numberings); missing > 0 {
			row.found(missing)
			if err := a.say("gap: user %s lacks %d at the end: seq %d was given, %d is there", b.User, missing, b.Newest, b.Last); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *lossAudit) counters(batch []domain.Audited, row *auditRow) error {
	row.looked += count(len(batch))
	for _, b := range batch {
		if wrong := b.Miscounted(); wrong > 0 {
			row.found(wrong)
			if err := a.say("counter: user %s has %d unread, and %d are counted", b.User, b.Counted, b.Unread); err != nil {
				return err
			}
		}
	}
	return nil
}

// unshown looks at users who are connected. Without Redis nobody knows who is.
func (a *lossAudit) unshown(ctx context.Context, batch []domain.Audited, row *auditRow) error {
	if a.blind != nil || len(batch) == 0 {
		return nil //nolint:nilerr // noted when it happened
	}
	connected, err := a.connected(ctx, batch)
	if err != nil {
		a.blind = err // the rest of the audit goes on, and says so at its end
		return nil    //nolint:nilerr // noted
	}
	row.looked += count(len(connected))
	if len(connected) == 0 {
		return nil
	}
	found, err := a.store.Unshown(ctx, connected, a.horizon)
	if err != nil {
		return err
	}
	for _, u := range found {
		row.found(u.Entries)
		if err := a.say("unacknowledged: user %s is connected, and %d since seq %d were not shown for %s", u.User, u.Entries, u.First, a.horizon); err != nil {
			return err
		}
	}
	return nil
}

// connected gives since when those of the users who are connected are.
func (a *lossAudit) connected(ctx context.Context, batch []domain.Audited) (map[domain.UserID]time.Time, error) {
	users := make([]domain.UserID, len(batch))
	for i, b := range batch {
		users[i] = b.User
	}
	sockets, err := a.registry.Of(ctx, users)
	if err != nil {
		return nil, err
	}
	leases := make([]domain.Lease, len(sockets))
	for i, s := range sockets {
		leases[i] = s.Lease()
	}
	held, err := a.registry.Held(ctx, leases)
	if err != nil {
		return nil, err
	}
	since := map[domain.UserID]time.Time{}
	for _, s := range sockets {
		if first, known := since[s.User]; held[s.Lease()] && (!known || s.ConnectedAt.Before(first)) {
			since[s.User] = s.ConnectedAt
		}
	}
	return since, nil
}

func (a *lossAudit) strays(ctx context.Context) error {
	row := auditRow{check: "entries with an inbox", looked: everything}
	for after := postgres.AnyUser; ; {
		found, err := a.store.Strays(ctx, after)
		if err != nil {
			return err
		}
		for _, s := range found {
			row.found(s.Entries)
			if err := a.say("stray: %d entries of user %s, who has no inbox", s.Entries, s.User); err != nil {
				return err
			}
		}
		if len(found) < postgres.AuditMost {
			a.rows = append(a.rows, row)
			return nil
		}
		after = found[len(found)-1].User
	}
}

func (a *lossAudit) announced(ctx context.Context) error {
	row := auditRow{check: "announcements in the inboxes", looked: everything}
	for after := string(postgres.AnyUser); ; {
		found, err := a.store.Announced(ctx, after, a.young)
		if err != nil {
			return err
		}
		for _, n := range found {
			row.found(n.Accepted - n.Entries)
			if err := a.say("announcement: %s was accepted for %d inboxes and stands in %d", n.ID, n.Accepted, n.Entries); err != nil {
				return err
			}
		}
		if len(found) < postgres.AuditMost {
			a.rows = append(a.rows, row)
			return nil
		}
		after = found[len(found)-1].ID
	}
}

func (a *lossAudit) table() error {
	t := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "CHECK\tLOOKED AT\tBROKEN\tMISSING") // it fails with Flush
	for _, r := range a.rows {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%d\t%d\n", r.check, r.looked, r.broken, r.missing)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if a.blind != nil {
		return a.say("Who is connected is not known, so acknowledgements were not looked at: %v", a.blind)
	}
	return nil
}
