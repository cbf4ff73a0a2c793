package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/postgres"
	"github.com/loveapp/backend/shared/postgres/pgtest"
	"github.com/prometheus/client_golang/prometheus"
)

func TestOpenReportsEveryMistakeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := postgres.Open(t.Context(), postgres.Config{Schema: `x"; DROP`, SSLMode: "sometimes", MaxOpen: -1})
	if err == nil {
		t.Fatal("it opened")
	}
	for _, want := range []string{"host", "user name", "schema", "SSL mode", "at least one connection"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not mentioned in: %v", want, err)
		}
	}
}

func TestOpenNeedsNoServerAndPingSaysThatThereIsNone(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.Hosts[0].Port, c.Warm = 1, 3 })
	wantUnavailable(t, db.Ping(t.Context()))
}

func TestTheReadWriteHostIsFoundAmongSeveral(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) {
		c.Hosts = append([]config.HostPort{{Host: "127.0.0.1", Port: 1}}, c.Hosts...)
	})
	exec(t, db, insertNote, "found")
}

func TestSessionsAreTheServicesOwn(t *testing.T) {
	t.Parallel()
	db, _ := openDiary(t, func(c *postgres.Config) { c.StatementTimeout, c.ApplicationName = 7*time.Second, "diary 'quoted' \\" })
	for query, want := range map[string]string{
		`SELECT current_user`:     "diary_service",
		`SHOW search_path`:        "diary",
		`SHOW synchronous_commit`: "local",
		`SHOW statement_timeout`:  "7s",
		`SHOW application_name`:   "diary 'quoted' \\",
	} {
		if got := get[string](t, db, query); got != want {
			t.Errorf("%s is %q, want %q", query, got, want)
		}
	}
}

func TestWarmConnectionsAreOpenBeforeTheFirstQuery(t *testing.T) {
	t.Parallel()
	_, c := openDiary(t, func(c *postgres.Config) { c.Warm, c.ApplicationName = 4, "warm" })
	admin := pgtest.Admin(t, c)
	eventually.True(t, "4 sessions are open, and one that watches", func() bool { return len(sessions(t, admin, "warm")) == 5 })
}

func TestAnyPasswordWorksAndNoneIsInAnError(t *testing.T) {
	t.Parallel()
	c := pgtest.Config(t, "diary", diaryFiles())
	admin := pgtest.Admin(t, c)
	const odd = `it's \ a "pass word`
	if _, err := admin.ExecContext(t.Context(), fmt.Sprintf(`CREATE ROLE %s_odd LOGIN IN ROLE diary_service PASSWORD 'it''s \ a "pass word'`, c.Name)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = pgtest.Admin(t, c).Exec(`DROP ROLE ` + c.Name + `_odd`) })
	c.Username, c.Password = c.Name+"_odd", odd
	exec(t, open(t, c), insertNote, "in")
	c.Password = odd + "?"
	if err := open(t, c).Ping(t.Context()); err == nil || strings.Contains(err.Error(), "pass word") {
		t.Fatalf("with a wrong password: %v", err)
	}
}

func TestObserveIsToldAboutEachStatement(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]int{}
	db, _ := openDiary(t, func(c *postgres.Config) {
		c.Observe = func(op string, _ time.Duration, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				op += " failed"
			}
			seen[op]++
		}
	})
	exec(t, db, insertNote, "one")
	countNotes(t, db)
	_, _ = db.Primary().ExecContext(t.Context(), insertNote, "one") // once only
	mu.Lock()
	defer mu.Unlock()
	if seen["connect"] < 1 || seen["exec"] != 1 || seen["exec failed"] != 1 || seen["query"] != 1 {
		t.Fatalf("it was told %v", seen)
	}
}

func TestCollectorExportsThePoolUnderTheSchemasName(t *testing.T) {
	t.Parallel()
	db := newDiary(t)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(postgres.Collector(db))
	countNotes(t, db)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == "go_sql_open_connections" {
			m := family.GetMetric()[0]
			if m.GetLabel()[0].GetValue() != "diary" || m.GetGauge().GetValue() < 1 {
				t.Fatalf("got %v", m)
			}
			return
		}
	}
	t.Fatal("there is no go_sql_open_connections")
}
