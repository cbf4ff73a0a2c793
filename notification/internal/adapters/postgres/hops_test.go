package postgres_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestFollowUp(t *testing.T) {
	t.Parallel()
	portstest.FollowUp(t, func(t *testing.T) portstest.Queues {
		db := pgtest.New(t, postgres.Schema, postgres.Migrations)
		return portstest.Queues{
			Store: postgres.NewStore(db), Devices: postgres.NewDevices(db), Preferences: postgres.NewPreferences(db),
			Pass: func(t *testing.T, by time.Duration) {
				for _, age := range []string{
					`UPDATE hops SET due_at = due_at - make_interval(secs => $1)`,
					`UPDATE schedules SET send_at = send_at - make_interval(secs => $1)`,
					`UPDATE notifications SET expires_at = expires_at - make_interval(secs => $1) WHERE expires_at IS NOT NULL`,
					`UPDATE deliveries SET due_at = due_at - make_interval(secs => $1), queued_at = queued_at - make_interval(secs => $1),
						settled_at = settled_at - make_interval(secs => $1), expires_at = expires_at - make_interval(secs => $1)`,
				} {
					if _, err := db.Primary().ExecContext(t.Context(), age, by.Seconds()); err != nil {
						t.Fatal(err)
					}
				}
			},
		}
	})
}
