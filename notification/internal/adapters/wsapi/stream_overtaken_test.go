package wsapi_test

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/wsapi"
	"github.com/loveapp/backend/notification/internal/app"
	"github.com/loveapp/backend/notification/internal/wstest"
)

// An alarm goes ahead of what is being caught up with. Who is cut off then comes
// back with the id of what came before it, and gets it again in its place.
func TestAnAlarmThatOvertookComesAgainToWhomTheStreamWasCutOff(t *testing.T) {
	t.Parallel()
	s := start(t, settings{pace: app.Pace{Patience: time.Millisecond}})
	user := newID()
	const old = 5_000
	s.backlog(user, old, strings.Repeat("x", 2000))
	header := bearer(s.token(user))
	header.Set("Last-Event-ID", "0")
	cut, _ := wstest.Listen(t, s.URL, "", header, true)
	cut.Expect("connected")
	wantIDs(t, cut, "1")
	s.notify(user, "critical", "alarm")
	alarm := `"seq":` + strconv.Itoa(old+1) + `,`
	for e := (wstest.Event{}); !strings.Contains(e.Data, alarm); {
		if e = cut.Expect("notification"); strings.Contains(e.Data, alarm) && e.ID != "" {
			t.Fatalf("the alarm moves the cursor to %s", e.ID)
		}
	}
	cut.Cut()
	last, err := strconv.Atoi(cut.LastID)
	if err != nil || last >= old {
		t.Fatalf("the alarm did not overtake: the cursor stood at %q", cut.LastID)
	}

	back, _ := s.listen(user, cut.LastID)
	for seq := last + 1; seq <= old+1; seq++ {
		wantIDs(t, back, strconv.Itoa(seq))
	}
	if end := back.Expect("resumed"); end.ID != strconv.Itoa(old+1) {
		t.Errorf("it ends at %q", end.ID)
	}
}

// What the kernel takes is the kernel's; past that little waits, and then the stream ends.
func TestStreamsThatAreNotReadCostLittle(t *testing.T) {
	t.Parallel()
	const streams, each, bound = 5, 100, 128 << 10
	s := start(t, settings{limits: wsapi.Limits{Queue: 64 << 10, QueueAll: bound}})
	var users []string
	for range streams {
		user := newID()
		events, _ := wstest.Listen(t, s.URL, "", bearer(s.token(user)), true)
		events.Expect("connected")
		users = append(users, user)
	}
	healthy, _ := s.listen(newID(), "")
	for round := 0; s.open() > 1; round++ {
		for range each {
			s.notifyAll(users, strings.Repeat("b", 3000))
		}
		if waiting := s.waiting(); waiting > bound+streams*(16<<10) {
			t.Fatalf("%d bytes wait", waiting)
		}
		if round > 500 {
			t.Fatal("streams that nobody reads stay open")
		}
	}
	if _, err := healthy.Next(time.Millisecond); errors.Is(err, io.EOF) {
		t.Error("who reads was closed, too")
	}
}
