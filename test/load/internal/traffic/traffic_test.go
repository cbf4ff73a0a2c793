package traffic_test

import (
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/crowd"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/tinyapp"
	"github.com/loveapp/backend/test/load/internal/traffic"
)

var secret = config.Secret(strings.Repeat("s", 32))

// setting is a small app with its people; nobody has a socket.
func setting(t *testing.T) (*tinyapp.App, traffic.Config) {
	t.Helper()
	app, err := tinyapp.Start(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	c := client.New(app.Address(), 10)
	t.Cleanup(c.Close)
	phone := func(n int) *client.Phone { return c.Phone(loopback.Addr(n)) }
	m, err := people.NewMint(secret, people.NewRun(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	persons, err := people.Several(m.Person, 0, 3)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := people.Registrar{Phone: phone}.Register(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	return app, traffic.Config{
		Mix: traffic.App, Phone: phone, Persons: persons, Admins: persons[:1], Listeners: persons, Accounts: accounts, Circles: 1, Reporters: 1, Helpers: 1,
		Requests: score.NewBoard(), Deliveries: score.NewBoard(),
	}
}

func TestEveryMixIsWholeAndKnownToItsActors(t *testing.T) {
	t.Parallel()
	_, cfg := setting(t)
	for _, mix := range []traffic.Mix{traffic.App, traffic.Visits, traffic.Alarms, traffic.Presses} {
		cfg.Mix = mix
		if _, err := traffic.New(cfg); err != nil {
			t.Errorf("%s: %v", mix, err)
		}
	}
	cfg.Mix = "siesta"
	if _, err := traffic.New(cfg); err == nil {
		t.Error("an unknown mix is taken")
	}
}

func TestTheAppsMixIsRefusedWithoutThoseWhoActIt(t *testing.T) {
	t.Parallel()
	_, complete := setting(t)
	for name, remove := range map[string]func(c *traffic.Config){
		"admins":    func(c *traffic.Config) { c.Admins = nil },
		"listeners": func(c *traffic.Config) { c.Listeners = nil },
		"accounts":  func(c *traffic.Config) { c.Accounts = nil },
		"circles":   func(c *traffic.Config) { c.Circles = 0 },
		"half pair": func(c *traffic.Config) { c.Accounts = c.Accounts[:1] },
		"persons":   func(c *traffic.Config) { c.Persons = nil },
		"board":     func(c *traffic.Config) { c.Requests = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := complete
			remove(&cfg)
			if _, err := traffic.New(cfg); err == nil {
				t.Error("the hole is not refused")
			}
		})
	}
}

func TestAVisitIsFourRequestsOfOnePersonInTurn(t *testing.T) {
	t.Parallel()
	_, cfg := setting(t)
	cfg.Mix = traffic.Visits
	everybody, err := traffic.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	due := time.Now().Add(-time.Second) // late: the first request counts from then
	everybody.Send(t.Context(), due)
	everybody.Wait()
	lines := cfg.Requests.Sheet().Lines
	if len(lines) != 4 {
		t.Fatalf("a visit asks for %d routes, want 4", len(lines))
	}
	for name, line := range lines {
		if line.Good != 1 {
			t.Errorf("%s was asked for %d times with success, want once", name, line.Good)
		}
		if first := name == "GET /v1/notifications"; first != (line.Latency.Quantile(1) >= time.Second) {
			t.Errorf("%s took %s; only the first of a visit counts from its arrival", name, line.Latency.Quantile(1))
		}
	}
}

func TestAnArrivalOfAnAlarmThatNobodySentIsNotCounted(t *testing.T) {
	t.Parallel()
	_, cfg := setting(t)
	everybody, err := traffic.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var alarm crowd.Notification
	alarm.ID, alarm.Data.Kind = "n", "sos.triggered"
	everybody.Shown(cfg.Persons[0], alarm, time.Now())
	if all := cfg.Deliveries.Sheet().All(); all.Good != 0 {
		t.Errorf("%d deliveries are counted, want none", all.Good)
	}
}
