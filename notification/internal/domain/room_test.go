package domain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

const ticket = "01890a5d-ac96-774b-bcce-b302099a8057"

func TestARoomHasOneName(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"sos:" + ticket: true, "topic:x": true, "topic:News_1.de-x:y": true, "topic:" + strings.Repeat("x", 122): true,
		"": false, "sos:": false, "sos:x": false, "SOS:" + ticket: false, "sos:" + strings.ToUpper(ticket): false, ticket: false,
		"topic:": false, "topic: ": false, "topic:é": false, "topic:a/b": false, "topic:\x00": false, "topic:" + strings.Repeat("x", 123): false, "user:" + ticket: false,
	} {
		if room, ok := domain.ParseRoom(name); ok != good || ok && string(room) != name {
			t.Errorf("%q: %q, %t", name, room, ok)
		}
	}
}

func TestAnEventNamesWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	good := domain.Event{ID: "1", Room: "topic:x", Name: "status.x_1", At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Data: json.RawMessage(` {}`)}
	if _, err := domain.NewEvent(good); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string][]func(*domain.Event){
		"room": {func(e *domain.Event) { e.Room = "x" }},
		"id":   {func(e *domain.Event) { e.ID = "" }, func(e *domain.Event) { e.ID = "a b" }, func(e *domain.Event) { e.ID = strings.Repeat("x", 129) }},
		"event": {
			func(e *domain.Event) { e.Name = "" },
			func(e *domain.Event) { e.Name = "Status" },
			func(e *domain.Event) { e.Name = strings.Repeat("x", 65) },
		},
		"at": {func(e *domain.Event) { e.At = time.Time{} }},
		"data": {
			func(e *domain.Event) { e.Data = nil },
			func(e *domain.Event) { e.Data = json.RawMessage(`null`) },
			func(e *domain.Event) { e.Data = json.RawMessage(`{"x":"` + strings.Repeat("x", 16<<10) + `"}`) },
		},
	} {
		for n, s := range spoil {
			bad := good
			s(&bad)
			_, err := domain.NewEvent(bad)
			if f := fault.From(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Field != field {
				t.Errorf("%s, %d: %v", field, n, err)
			}
		}
	}
}

func TestAClosingNamesWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		room  string
		users []string
		good  bool
	}{
		"everybody":    {"topic:x", nil, true},
		"one":          {"topic:x", []string{strings.ToUpper(ticket)}, true},
		"no room":      {"x", nil, false},
		"no user's id": {"topic:x", []string{"x"}, false},
		"too many":     {"topic:x", make([]string, 101), false},
	} {
		closing, err := domain.NewClosing("id", c.room, c.users)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
		if c.good && !closing.Concerns(ticket) || c.good && closing.Concerns("other") != (c.users == nil) {
			t.Errorf("%s concerns the wrong users", name)
		}
	}
}

func located(n int) domain.Event {
	return domain.Event{At: time.Unix(int64(1_700_000_000+n), 0)}
}

// Whatever arrives and whenever: at most one a second goes out, and in the end the newest has.
func TestPositionsAreThinned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var latest domain.Latest
		now, last, newest := time.Unix(1_700_000_000, 0), time.Time{}, time.Time{}
		var shown time.Time
		send := func(e domain.Event) {
			if now.Sub(last) < time.Second {
				t.Fatalf("two within %s", now.Sub(last))
			}
			last, shown = now, e.At
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "ms")) * time.Millisecond)
			e := located(rapid.IntRange(0, 9).Draw(t, "at"))
			if e.At.After(newest) {
				newest = e.At
			}
			if atOnce, _ := latest.Offer(e, now); atOnce {
				send(e)
			}
			if due, _ := latest.Due(now); due != nil {
				send(*due)
			}
		}
		now = now.Add(time.Second)
		if due, waits := latest.Due(now); due != nil {
			send(*due)
		} else if waits {
			t.Fatal("something waits for ever")
		}
		if !shown.Equal(newest) {
			t.Fatalf("shown %s, newest %s", shown, newest)
		}
	})
}

func TestAClockThatWasSetBackHidesNothing(t *testing.T) {
	t.Parallel()
	var latest domain.Latest
	now := time.Unix(1_700_000_000, 0)
	latest.Offer(located(3600), now)
	if send, _ := latest.Offer(located(3599), now.Add(2*time.Second)); send {
		t.Error("one that was overtaken is sent")
	}
	if send, _ := latest.Offer(located(0), now.Add(2*time.Second)); !send {
		t.Error("one of a clock that was set back is not sent")
	}
}

func TestAnAllowanceIsUsedUpAndFillsAgain(t *testing.T) {
	t.Parallel()
	var a domain.Allowance
	now := time.Unix(1_700_000_000, 0)
	taken := 0
	for a.Take(now) {
		if taken++; taken > 1000 {
			t.Fatal("it has no end")
		}
	}
	if taken < domain.MaxRooms {
		t.Errorf("a client that comes back joins only %d rooms", taken)
	}
	later := 0
	for now = now.Add(time.Second); a.Take(now); later++ {
	}
	if later == 0 || later >= taken {
		t.Errorf("a second later %d more are allowed", later)
	}
}
