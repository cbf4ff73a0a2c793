package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

var _ ports.Preferences = (*Preferences)(nil)

// Preferences keep what people want to be disturbed by.
type Preferences struct{ db *postgres.DB }

// NewPreferences works on a database in which Migrations have run.
func NewPreferences(db *postgres.DB) *Preferences { return &Preferences{db: db} }

const (
	selectPreferences = `SELECT user_id, channels, quiet_from, quiet_to, quiet_zone FROM preferences WHERE user_id = ANY ($1::uuid[])`
	upsertPreferences = `INSERT INTO preferences (user_id, channels, quiet_from, quiet_to, quiet_zone)
		VALUES ($1, $2::jsonb, nullif($3, ''), nullif($4, ''), nullif($5, ''))
		ON CONFLICT (user_id) DO UPDATE SET channels = excluded.channels, quiet_from = excluded.quiet_from,
			quiet_to = excluded.quiet_to, quiet_zone = excluded.quiet_zone, updated_at = now()`
	deletePreferences = `DELETE FROM preferences WHERE user_id = $1`
)

type preferencesRow struct {
	User      domain.UserID `db:"user_id"`
	Channels  []byte        `db:"channels"`
	QuietFrom *string       `db:"quiet_from"`
	QuietTo   *string       `db:"quiet_to"`
	QuietZone *string       `db:"quiet_zone"`
}

// channelsRow is the form of one category's channels in the database.
type channelsRow struct {
	Push  bool `json:"push"`
	Email bool `json:"email"`
	SMS   bool `json:"sms"`
}

// Get implements ports.Preferences.
func (p *Preferences) Get(ctx context.Context, user domain.UserID) (domain.Preferences, error) {
	found, err := p.Of(ctx, []domain.UserID{user})
	return found[user], err
}

// Of implements ports.Preferences. It reads the primary: who has just muted
// something is not disturbed by it.
func (p *Preferences) Of(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.Preferences, error) {
	var rows []preferencesRow
	if err := p.db.Primary().SelectContext(ctx, &rows, selectPreferences, texts(users)); err != nil {
		return nil, postgres.Classify(fmt.Errorf("read the preferences of %d users: %w", len(users), err))
	}
	found := make(map[domain.UserID]domain.Preferences, len(rows))
	for _, r := range rows {
		preferences, err := r.preferences()
		if err != nil {
			return nil, fmt.Errorf("preferences of user %s: %w", r.User, err)
		}
		found[r.User] = preferences
	}
	return found, nil
}

// preferences leaves quiet hours out whose zone this build does not know: they
// were put by a newer one, and a message at night is better than none.
func (r preferencesRow) preferences() (p domain.Preferences, err error) {
	var channels map[domain.Category]channelsRow
	if err := json.Unmarshal(r.Channels, &channels); err != nil {
		return p, err
	}
	if len(channels) > 0 {
		p.Channels = make(map[domain.Category]domain.ChannelSet, len(channels))
	}
	for category, set := range channels {
		p.Channels[category] = domain.ChannelSet(set)
	}
	if r.QuietFrom != nil && r.QuietTo != nil && r.QuietZone != nil {
		p.QuietHours, _ = domain.NewQuietHours(*r.QuietFrom, *r.QuietTo, *r.QuietZone)
	}
	return p, nil
}

// Put implements ports.Preferences.
func (p *Preferences) Put(ctx context.Context, user domain.UserID, preferences domain.Preferences) error {
	rows := make(map[domain.Category]channelsRow, len(preferences.Channels))
	for category, set := range preferences.Channels {
		rows[category] = channelsRow(set)
	}
	channels, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode preferences: %w", err)
	}
	var from, to, zone string
	if q := preferences.QuietHours; q != nil {
		from, to, zone = q.From.String(), q.To.String(), q.Zone.String()
	}
	if _, err := p.db.Primary().ExecContext(ctx, upsertPreferences, string(user), string(channels), from, to, zone); err != nil {
		return postgres.Classify(fmt.Errorf("put the preferences of user %s: %w", user, err))
	}
	return nil
}

// Forget implements ports.Preferences.
func (p *Preferences) Forget(ctx context.Context, user domain.UserID) error {
	if _, err := p.db.Primary().ExecContext(ctx, deletePreferences, string(user)); err != nil {
		return postgres.Classify(fmt.Errorf("forget the preferences of user %s: %w", user, err))
	}
	return nil
}
