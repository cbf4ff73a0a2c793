package postgres_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/postgres"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/notification/internal/ports/portstest"
	database "github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestStore(t *testing.T) {
	t.Parallel()
	portstest.Store(t, func(t *testing.T) portstest.Stored {
		db := pgtest.New(t, postgres.Schema, postgres.Migrations)
		return portstest.Stored{
			Store: postgres.NewStore(db),
			Acked: func(t *testing.T, user domain.UserID, seq domain.Seq) (acked bool) {
				const query = `SELECT acked_at IS NOT NULL FROM notifications WHERE user_id = $1 AND seq = $2`
				if err := db.Primary().GetContext(t.Context(), &acked, query, string(user), int64(seq)); err != nil {
					t.Fatal(err)
				}
				return acked
			},
			Age: func(t *testing.T, by time.Duration) {
				for _, age := range []string{
					`UPDATE announcements SET created_at = created_at - make_interval(secs => $1)`,
					`UPDATE notifications SET stored_at = stored_at - make_interval(secs => $1)`,
					`UPDATE retention_walks SET begun_at = begun_at - make_interval(secs => $1)`,
				} {
					if _, err := db.Primary().ExecContext(t.Context(), age, by.Seconds()); err != nil {
						t.Fatal(err)
					}
				}
			},
		}
	})
}

func TestAlerts(t *testing.T) {
	t.Parallel()
	portstest.Alerts(t, func(t *testing.T) ports.Alerts {
		return postgres.NewAlerts(pgtest.New(t, postgres.Schema, postgres.Migrations))
	})
}

func TestMigrationsGoUpAndDown(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, postgres.Schema, nil)
	for range 2 {
		if err := database.Migrate(t.Context(), c, postgres.Migrations); err != nil {
			t.Fatal(err)
		}
		if err := database.MigrateDown(t.Context(), c, postgres.Migrations, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADeletedNotificationKeepsNothingOfWhatItSaid(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t, postgres.Schema, postgres.Migrations)
	store := postgres.NewStore(db)
	d := domain.Draft{
		EventID: "e", Category: domain.SOS, Priority: domain.Critical, Title: "private", Body: "private",
		Data: []byte(`{"kind":"private"}`), CreatedAt: time.Now(),
	}
	entry := domain.Entry{ID: "01890a5d-ac96-774b-bcce-b302099a8057", User: "01890a5d-ac96-774b-bcce-b302099a8058", Draft: &d}
	if _, err := store.Insert(t.Context(), []domain.Entry{entry}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := store.Mark(t.Context(), entry.User, entry.ID, domain.Deleted); err != nil {
		t.Fatal(err)
	}
	var kept int
	if err := db.Primary().GetContext(t.Context(), &kept, `SELECT count(*) FROM notifications n WHERE n::text LIKE '%private%'`); err != nil || kept != 0 {
		t.Errorf("%d rows still say it, %v", kept, err)
	}
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	portstest.Preferences(t, func(t *testing.T) ports.Preferences {
		return postgres.NewPreferences(pgtest.New(t, postgres.Schema, postgres.Migrations))
	})
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	portstest.Templates(t, func(t *testing.T) ports.Templates {
		return postgres.NewTemplates(pgtest.New(t, postgres.Schema, postgres.Migrations))
	})
}
