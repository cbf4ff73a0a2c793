package crowd_test

import (
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/shared/config"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/test/load/internal/crowd"
	"github.com/loveapp/backend/test/load/internal/loopback"
	"github.com/loveapp/backend/test/load/internal/people"
	"github.com/loveapp/backend/test/load/internal/score"
	"github.com/loveapp/backend/test/load/internal/tinyapp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var secret = config.Secret(strings.Repeat("s", 32))

const silence = 2 * time.Second

type shown struct {
	mu   sync.Mutex
	refs []string
}

func (s *shown) add(_ people.Person, n crowd.Notification, _ time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refs = append(s.refs, n.Data.Ref)
}

func (s *shown) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.refs)
}

func gather(t *testing.T, server string, board *score.Board, count int) (*crowd.Crowd, []people.Person, *shown) {
	t.Helper()
	m, err := people.NewMint(secret, people.NewRun(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	persons, err := people.Several(m.Person, 0, count)
	if err != nil {
		t.Fatal(err)
	}
	seen := &shown{}
	c, err := crowd.New(t.Context(), crowd.Config{Server: server, Addr: func(n int) netip.Addr { return loopback.Addr(n) }, Board: board, Silence: silence, Shown: seen.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	c.Connect(t.Context(), persons, 10_000)
	return c, persons, seen
}

func start(t *testing.T) *tinyapp.App {
	t.Helper()
	app, err := tinyapp.Start(t.Context(), secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return app
}

func TestACrowdIsThereWhenConnectReturnsAndAnswersPings(t *testing.T) {
	t.Parallel()
	app, board := start(t), score.NewBoard()
	c, _, _ := gather(t, app.Address(), board, 50)
	if c.Open() != 50 {
		t.Fatalf("%d of 50 sockets are open", c.Open())
	}
	if opened := board.Sheet().Lines[crowd.Opening]; opened == nil || opened.Good != 50 {
		t.Errorf("the board has %+v, want 50 openings", opened)
	}
	app.Ping()
	eventually.True(t, "every ping is answered", func() bool { return app.Pongs() == 50 })
}

func TestAnnouncementsAreShownAndAcknowledged(t *testing.T) {
	t.Parallel()
	app := start(t)
	_, persons, seen := gather(t, app.Address(), score.NewBoard(), 2)
	app.Notify(persons[0].ID, map[string]string{"ref": "flood"})
	eventually.True(t, "the notification is shown and acknowledged", func() bool { return seen.count() == 1 && app.Acks() == 1 })
	if seen.refs[0] != "flood" {
		t.Errorf("shown is %q, want flood", seen.refs[0])
	}
}

func TestWhoIsCutOffComesBackAndAsksForWhatWasMissed(t *testing.T) {
	t.Parallel()
	app := start(t)
	c, _, _ := gather(t, app.Address(), score.NewBoard(), 20)
	app.HangUp()
	eventually.True(t, "everybody is back", func() bool { return app.Resumes() == 20 && c.Open() == 20 })
	if got := c.Count(); got.Reconnects != 20 || got.Ended["cut_off"] != 20 {
		t.Errorf("the crowd counts %+v, want 20 that were cut off and came back", got)
	}
}

func TestWhoIsRefusedIsCountedByTheStatus(t *testing.T) {
	t.Parallel()
	board := score.NewBoard()
	strangers, err := tinyapp.Start(t.Context(), config.Secret(strings.Repeat("x", 32)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(strangers.Close)
	c, _, _ := gather(t, strangers.Address(), board, 3)
	if faults := board.Sheet().Lines[crowd.Opening].Faults; c.Open() != 0 || faults["status_401"] < 3 {
		t.Errorf("%d sockets are open and the faults are %v, want none and three times status_401", c.Open(), faults)
	}
}

func TestPingsKeepASocketThatHasNothingElseToSay(t *testing.T) {
	t.Parallel()
	app := start(t)
	c, _, _ := gather(t, app.Address(), score.NewBoard(), 1)
	// A machine so slow that pings come too rarely proves nothing: it begins anew.
	begun, lost := time.Now(), c.Count().Reconnects
	for last := begun; last.Sub(begun) < 2*silence; {
		answered := app.Pongs()
		app.Ping()
		eventually.True(t, "the ping is answered, or the socket is gone", func() bool { return app.Pongs() > answered || app.Open() == 0 })
		if now := time.Now(); now.Sub(last) > silence/2 {
			begun, lost = now, c.Count().Reconnects
		}
		last = time.Now()
		if c.Count().Reconnects > lost {
			t.Fatalf("the socket was given up %s after its last ping, of %s", time.Since(last), silence)
		}
	}
}

func TestASilentSocketIsGivenUp(t *testing.T) {
	t.Parallel()
	app := start(t)
	c, _, _ := gather(t, app.Address(), score.NewBoard(), 1)
	eventually.True(t, "the silent socket is replaced", func() bool { return c.Count().Ended["timeout"] > 0 && c.Open() == 1 })
}
