package fleet_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/test/load/internal/arrivals"
	"github.com/loveapp/backend/test/load/internal/client"
	"github.com/loveapp/backend/test/load/internal/fleet"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/tinyapp"
	"github.com/loveapp/backend/test/load/internal/traffic"
	"github.com/loveapp/backend/test/load/internal/worker"
)

// asWorker makes this test's own program a worker, as the driver starts itself.
const asWorker = "LOAD_TEST_AS_WORKER"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) != "" {
		if err := worker.Run(context.Background(), os.Stdin, os.Stdout); err != nil {
			os.Exit(1) // the news have said why
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func self() *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asWorker+"=yes")
	return cmd
}

var secret = config.Secret(strings.Repeat("s", 32))

func start(t *testing.T) *tinyapp.App {
	t.Helper()
	app, err := tinyapp.Start(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return app
}

const (
	workers = 2
	persons = 40 // of each worker
)

// orders is the app's whole mix for two workers, at so many arrivals a second together.
func orders(t *testing.T, app *tinyapp.App, phases ...arrivals.Phase) []worker.Order {
	t.Helper()
	m, err := people.NewMint(secret, people.NewRun(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	c := client.New(app.Address(), 10)
	t.Cleanup(c.Close)
	r := people.Registrar{Phone: func(n int) *client.Phone { return c.Phone(loopback.Addr(n)) }}
	made := make([]worker.Order, workers)
	for i := range made {
		o := worker.Order{
			Server: app.Address(), Mix: traffic.App, Seed: uint64(i), Phases: arrivals.Share(phases, workers), InFlight: 100, Addresses: 20,
			Sockets: 30, ConnectRate: 1000, Circles: 2, Reporters: 1, Helpers: 1,
		}
		if o.Persons, err = people.Several(m.Person, i*persons, persons); err != nil {
			t.Fatal(err)
		}
		if o.Admins, err = people.Several(m.Admin, i, 1); err != nil {
			t.Fatal(err)
		}
		if o.Accounts, err = r.Register(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		if err := r.BefriendAll(t.Context(), o.Accounts, o.Circles, o.Reporters, o.Helpers); err != nil {
			t.Fatal(err)
		}
		made[i] = o
	}
	return made
}

func run(t *testing.T, orders []worker.Order) worker.Result {
	t.Helper()
	f, err := fleet.Launch(t.Context(), self, orders)
	if err != nil {
		t.Fatal(err)
	}
	result, err := f.Run(t.Context(), time.Now().Add(100*time.Millisecond))
	if err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	return result
}

func TestTwoProcessesPlayTheWholeMixAndEverythingIsAccountedFor(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	app := start(t)
	made := orders(t, app, arrivals.Phase{For: 2 * time.Second, Rate: 1000})
	app.Intercept(func(http.ResponseWriter, *http.Request) bool { asked.Add(1); return false })
	result := run(t, made)

	all := result.Requests.All()
	if all.Failed() != 0 {
		t.Errorf("%d requests failed: %v", all.Failed(), all.Faults)
	}
	// Each alarm is followed by two requests, and the rehearsal is not counted.
	alarms := result.Requests.Lines["POST /v1/sos/tickets"]
	if alarms == nil || all.Good != result.Sent+2*alarms.Good || all.Good >= asked.Load() {
		t.Errorf("of %d arrivals come %d good answers; the server has seen %d requests", result.Sent, all.Good, asked.Load())
	}
	if result.Sent < 1800 || result.Sent > 2200 {
		t.Errorf("%d arrivals in 2 s at 1000 a second", result.Sent)
	}
	s := result.Sockets
	if s.Asked != 60 || s.AtStart != 60 || s.Fewest != 60 || s.Opening.All().Good != 60 {
		t.Errorf("of 60 sockets %d were asked, %d opened, %d open at the start, %d at the fewest", s.Asked, s.Opening.All().Good, s.AtStart, s.Fewest)
	}
	if s.Audit.Promised == 0 || s.Audit.Missing != 0 || s.Audit.Repeated != 0 || s.Audit.Heard != s.Audit.Promised {
		t.Errorf("messages: %+v, want all heard once", s.Audit)
	}
	if heard := s.Deliveries.Lines[traffic.AnnouncementHeard]; heard == nil || heard.Good == 0 {
		t.Error("no announcement's way to a socket was measured")
	}
	if heard := s.Deliveries.Lines[traffic.AlarmHeard]; alarms != nil && alarms.Good > 0 && (heard == nil || heard.Good != alarms.Good) {
		t.Errorf("%d alarms were taken, and of their ways to sockets is known: %+v", alarms.Good, heard)
	}
}

func TestAServerThatStallsShowsInEveryLatencyOfItsStall(t *testing.T) {
	t.Parallel()
	const stall = time.Second
	app := start(t)
	made := orders(t, app, arrivals.Phase{For: 2 * time.Second, Rate: 500})
	var begun atomic.Int64 // the first request of the schedule starts the stall
	release := make(chan struct{})
	f, err := fleet.Launch(t.Context(), self, made)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	app.Intercept(func(http.ResponseWriter, *http.Request) bool {
		if begun.Add(1) == 1 {
			time.AfterFunc(stall, func() { close(release) })
		}
		<-release
		return false
	})
	result, err := f.Run(t.Context(), time.Now().Add(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	all := result.Requests.All()
	// Half of the arrivals fall into the stall and wait for half of it on
	// average: a quarter of all wait longer than that. A driver that waited for
	// its answers would have sent, and delayed, a hundred or so.
	if p75 := all.Latency.Quantile(0.7); p75 < stall/4 {
		t.Errorf("70 %% of all answers came within %s although the server stalled for %s of 2s", p75, stall)
	}
	if longest := all.Latency.Quantile(1); longest < stall*9/10 {
		t.Errorf("the longest wait is %s, want about the stall of %s", longest, stall)
	}
	if result.Sent < 850 {
		t.Errorf("only %d requests left: the schedule waited for answers", result.Sent)
	}
}

func TestErrorsAndLossesAreFound(t *testing.T) {
	t.Parallel()
	app := start(t)
	made := orders(t, app, arrivals.Phase{For: time.Second, Rate: 1500})
	f, err := fleet.Launch(t.Context(), self, made)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	app.Deafen(made[0].Persons[0].ID, made[0].Persons[1].ID, made[0].Persons[2].ID)
	app.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/sos/contacts" {
			http.Error(w, "no", http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	result, err := f.Run(t.Context(), time.Now().Add(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	line := result.Requests.Lines["GET /v1/sos/contacts"]
	if line == nil || line.Good != 0 || line.Faults["status_503"] == 0 {
		t.Errorf("a route that always answers 503 is scored %+v", line)
	}
	if audit := result.Sockets.Audit; audit.Missing == 0 || audit.Missing >= audit.Promised {
		t.Errorf("of %d messages %d are missing; three of 60 people were deaf", audit.Promised, audit.Missing)
	}
}

func TestAnAppThatLacksARouteFailsTheRehearsal(t *testing.T) {
	t.Parallel()
	app := start(t)
	made := orders(t, app, arrivals.Phase{For: time.Second, Rate: 10})
	app.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/v1/auth/profile" {
			http.NotFound(w, r)
			return true
		}
		return false
	})
	_, err := fleet.Launch(t.Context(), self, made)
	if err == nil || !strings.Contains(err.Error(), "rehearse GET /v1/auth/profile") || !strings.Contains(err.Error(), "status_404") {
		t.Errorf("the fleet is launched with %v, want the route and its status named", err)
	}
}

func TestAWorkerThatDiesIsNoticed(t *testing.T) {
	t.Parallel()
	app := start(t)
	f, err := fleet.Launch(t.Context(), self, orders(t, app, arrivals.Phase{For: time.Minute, Rate: 10}))
	if err != nil {
		t.Fatal(err)
	}
	victim, err := os.FindProcess(f.PIDs()[0])
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	go func() {
		_, err := f.Run(t.Context(), time.Now())
		failed <- err
	}()
	if err := victim.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "fell silent") {
		t.Errorf("the run ends with %v, want a worker that fell silent", err)
	}
	_ = f.Close() // the pipes of the dead are broken
	waitUntilNobody(t, app)
}

func waitUntilNobody(t *testing.T, app *tinyapp.App) {
	t.Helper()
	eventually.True(t, "no socket is open after every worker has ended", func() bool { return app.Open() == 0 })
}
