package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/postgres"
)

var _ ports.Devices = (*Devices)(nil)

// Devices keeps what can be reached by push.
type Devices struct{ db *postgres.DB }

// NewDevices works on a database in which Migrations have run.
func NewDevices(db *postgres.DB) *Devices { return &Devices{db: db} }

type deviceRow struct {
	ID           domain.DeviceID    `db:"id"`
	User         domain.UserID      `db:"user_id"`
	Session      domain.SessionID   `db:"session_id"`
	Installation string             `db:"installation"`
	Provider     domain.Provider    `db:"provider"`
	Address      string             `db:"address"`
	P256DH       string             `db:"p256dh"`
	Auth         string             `db:"auth"`
	Environment  domain.Environment `db:"environment"`
	AppID        string             `db:"app_id"`
	AppVersion   string             `db:"app_version"`
	Locale       string             `db:"locale"`
	CreatedAt    time.Time          `db:"created_at"`
	RefreshedAt  time.Time          `db:"refreshed_at"`
}

func (r deviceRow) device() domain.Device {
	d := domain.Device{
		ID: r.ID, User: r.User, Session: r.Session, Installation: r.Installation, Provider: r.Provider, Environment: r.Environment,
		AppID: r.AppID, AppVersion: r.AppVersion, Locale: r.Locale, CreatedAt: r.CreatedAt.UTC(), RefreshedAt: r.RefreshedAt.UTC(),
	}
	if r.Provider == domain.WebPush {
		d.Subscription = domain.Subscription{Endpoint: r.Address, P256DH: r.P256DH, Auth: r.Auth}
	} else {
		d.Token = r.Address
	}
	return d
}

const deviceColumns = `id, user_id, session_id, installation, provider, address, p256dh, auth, environment, app_id, app_version, locale, created_at, refreshed_at`

const (
	// Nobody else registers for the same user or the same address meanwhile. Users are locked before addresses by everybody, so that nobody waits in a circle.
	lockUser    = `SELECT pg_advisory_xact_lock(1, hashtext($1))`
	lockAddress = `SELECT pg_advisory_xact_lock(2, hashtext($1))`
	// shareEndings waits for whoever is ending sessions (migration 0003).
	shareEndings  = `SELECT revision FROM revocations_reached FOR SHARE`
	hasEnded      = `SELECT EXISTS (SELECT FROM revocations WHERE session_id = $1)`
	removeAddress = `DELETE FROM devices WHERE provider = $1 AND address_digest = $2 AND NOT (user_id = $3 AND installation = $4)`
	upsertDevice  = `INSERT INTO devices (` + deviceColumns + `, address_digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (user_id, installation) DO UPDATE SET session_id = excluded.session_id, provider = excluded.provider,
			address = excluded.address, address_digest = excluded.address_digest, p256dh = excluded.p256dh, auth = excluded.auth,
			environment = excluded.environment, app_id = excluded.app_id, app_version = excluded.app_version, locale = excluded.locale,
			refreshed_at = excluded.refreshed_at
		RETURNING ` + deviceColumns
	removeSurplus = `DELETE FROM devices WHERE user_id = $1 AND id IN (
		SELECT id FROM devices WHERE user_id = $1 AND id <> $2 ORDER BY refreshed_at DESC, id DESC OFFSET $3)`
)

// Register implements ports.Devices.
func (d *Devices) Register(ctx context.Context, device domain.Device) (stored domain.Device, err error) {
	err = d.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if err := mayRegister(ctx, tx, device); err != nil {
			return err
		}
		digest := sha256.Sum256([]byte(device.Address()))
		if _, err := tx.ExecContext(ctx, removeAddress, string(device.Provider), digest[:], string(device.User), device.Installation); err != nil {
			return fmt.Errorf("take an address from another device: %w", err)
		}
		var row deviceRow
		err := tx.GetContext(ctx, &row, upsertDevice,
			string(device.ID), string(device.User), string(device.Session), device.Installation, string(device.Provider), device.Address(),
			device.Subscription.P256DH, device.Subscription.Auth, string(device.Environment), device.AppID, device.AppVersion, device.Locale,
			device.CreatedAt, device.RefreshedAt, digest[:])
		if err != nil {
			return fmt.Errorf("store device %s: %w", device.ID, err)
		}
		stored = row.device()
		if _, err := tx.ExecContext(ctx, removeSurplus, string(device.User), string(stored.ID), domain.MaxDevices-1); err != nil {
			return fmt.Errorf("remove surplus devices: %w", err)
		}
		return nil
	})
	return stored, err
}

func mayRegister(ctx context.Context, tx *sqlx.Tx, device domain.Device) error {
	err := execute(ctx, tx,
		step{lockUser, []any{string(device.User)}},
		step{lockAddress, []any{device.Address()}},
		step{shareEndings, nil},
	)
	if err != nil {
		return fmt.Errorf("register device %s: %w", device.ID, err)
	}
	var ended bool
	if err := tx.GetContext(ctx, &ended, hasEnded, string(device.Session)); err != nil {
		return fmt.Errorf("register device %s: %w", device.ID, err)
	}
	if ended {
		return domain.ErrSessionEnded
	}
	return nil
}

// step is one statement of several.
type step struct {
	statement string
	args      []any
}

// execute ends with the first step that fails.
func execute(ctx context.Context, tx *sqlx.Tx, steps ...step) error {
	for _, s := range steps {
		if _, err := tx.ExecContext(ctx, s.statement, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// selectDevices reads the primary: whoever has just registered is there.
const selectDevices = `SELECT ` + deviceColumns + ` FROM devices WHERE user_id = ANY ($1::uuid[]) ORDER BY refreshed_at DESC, id DESC`

// OfUser implements ports.Devices.
func (d *Devices) OfUser(ctx context.Context, user domain.UserID) ([]domain.Device, error) {
	devices, err := d.OfUsers(ctx, []domain.UserID{user})
	return devices[user], err
}

// OfUsers implements ports.Devices.
func (d *Devices) OfUsers(ctx context.Context, users []domain.UserID) (map[domain.UserID][]domain.Device, error) {
	var rows []deviceRow
	if err := d.db.Primary().SelectContext(ctx, &rows, selectDevices, texts(users)); err != nil {
		return nil, postgres.Classify(fmt.Errorf("read devices: %w", err))
	}
	devices := map[domain.UserID][]domain.Device{}
	for _, row := range rows {
		devices[row.User] = append(devices[row.User], row.device())
	}
	return devices, nil
}

const removeDevice = `DELETE FROM devices WHERE user_id = $1 AND id = $2`

// Remove implements ports.Devices.
func (d *Devices) Remove(ctx context.Context, user domain.UserID, id domain.DeviceID) error {
	removed, err := d.remove(ctx, removeDevice, string(user), string(id))
	if err == nil && removed == 0 {
		return domain.ErrDeviceNotFound
	}
	return err
}

const forgetDevices = `DELETE FROM devices WHERE refreshed_at < now() - make_interval(secs => $1)`

// Forget implements ports.Devices.
func (d *Devices) Forget(ctx context.Context, idle time.Duration) (int, error) {
	return d.remove(ctx, forgetDevices, idle.Seconds())
}

const pruneDevice = `DELETE FROM devices WHERE id = $1 AND provider = $2 AND address_digest = $3`

// Prune implements ports.Devices.
func (d *Devices) Prune(ctx context.Context, id domain.DeviceID, provider domain.Provider, address string) error {
	digest := sha256.Sum256([]byte(address))
	_, err := d.remove(ctx, pruneDevice, string(id), string(provider), digest[:])
	return err
}

func (d *Devices) remove(ctx context.Context, statement string, args ...any) (int, error) {
	result, err := d.db.Primary().ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, postgres.Classify(fmt.Errorf("remove devices: %w", err))
	}
	removed, err := result.RowsAffected()
	return int(removed), err
}

// EndSessions implements ports.Devices.
func (d *Devices) EndSessions(ctx context.Context, sessions []domain.SessionID) (removed int, err error) {
	err = d.db.Tx(ctx, func(tx *sqlx.Tx) error {
		if err := execute(ctx, tx, step{lockEndings, nil}, step{noteEnded, []any{texts(sessions)}}); err != nil {
			return fmt.Errorf("end %d sessions: %w", len(sessions), err)
		}
		removed, err = removeOfSessions(ctx, tx, texts(sessions))
		return err
	})
	return removed, err
}

const (
	lockEndings = `SELECT revision FROM revocations_reached FOR UPDATE`
	noteEnded   = `INSERT INTO revocations (revision, session_id, user_id, at)
		SELECT 0, s, '', now() FROM unnest($1::text[]) AS s ON CONFLICT DO NOTHING`
	removeEnded = `DELETE FROM devices WHERE session_id = ANY ($1)`
)

// removeOfSessions is called with the endings locked.
func removeOfSessions(ctx context.Context, tx *sqlx.Tx, sessions pq.StringArray) (int, error) {
	result, err := tx.ExecContext(ctx, removeEnded, sessions)
	if err != nil {
		return 0, fmt.Errorf("remove devices of ended sessions: %w", err)
	}
	removed, err := result.RowsAffected()
	return int(removed), err
}
