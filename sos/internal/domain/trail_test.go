package domain_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/loveapp/backend/sos/internal/domain"
)

var start = time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)

func fixAt(captured *time.Time, latitude float64) domain.Location {
	return domain.Location{Latitude: latitude, CapturedAt: captured}
}

func after(d time.Duration) *time.Time {
	t := start.Add(d)
	return &t
}

var ann = domain.Actor{User: "ann", Roles: domain.Reporter}

// way sends the batches at the times given, minutes after start, and tells where the ticket is then.
func way(t *testing.T, batches map[int][]domain.Location, order ...int) float64 {
	t.Helper()
	c := domain.Open("t", domain.Press{Reporter: "ann"}, domain.Desk{Now: start})
	var newest time.Time
	for _, minute := range order {
		tracked, err := c.Track(ann, batches[minute], newest, start.Add(time.Duration(minute)*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		newest = tracked.Newest
	}
	return c.Ticket.Location.Latitude
}

func TestTheTicketIsWhereTheNewestFixIs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		batches map[int][]domain.Location
		order   []int
		at      float64
	}{
		"out of order in a batch":        {map[int][]domain.Location{9: {fixAt(after(3*time.Minute), 3), fixAt(after(5*time.Minute), 5), fixAt(after(4*time.Minute), 4)}}, []int{9}, 5},
		"an old batch comes late":        {map[int][]domain.Location{5: {fixAt(after(5*time.Minute), 5)}, 6: {fixAt(after(time.Minute), 1)}}, []int{5, 6}, 5},
		"no times: as they come":         {map[int][]domain.Location{5: {fixAt(nil, 1), fixAt(nil, 2)}, 6: {fixAt(nil, 3)}}, []int{5, 6}, 3},
		"a clock ahead is set right":     {map[int][]domain.Location{5: {fixAt(after(3*time.Hour), 1)}, 6: {fixAt(after(6*time.Minute), 2)}}, []int{5, 6}, 2},
		"a clock ahead for ever":         {map[int][]domain.Location{5: {fixAt(after(3*time.Hour), 1)}, 6: {fixAt(after(2*time.Hour), 2)}}, []int{5, 6}, 2},
		"a clock ahead, order in batch":  {map[int][]domain.Location{5: {fixAt(after(3*time.Hour), 3), fixAt(after(2*time.Hour), 2)}}, []int{5}, 3},
		"a clock behind, but consistent": {map[int][]domain.Location{5: {fixAt(after(-5*time.Hour), 1)}, 6: {fixAt(after(-4*time.Hour), 2)}}, []int{5, 6}, 2},
	} {
		if got := way(t, tc.batches, tc.order...); got != tc.at {
			t.Errorf("%s: at %v, want %v", name, got, tc.at)
		}
	}
}

func TestOnlyTheReporterOfAnOpenTicketIsTracked(t *testing.T) {
	t.Parallel()
	fixes := []domain.Location{fixAt(nil, 1)}
	open := func() *domain.Case { return domain.Open("t", domain.Press{Reporter: "ann"}, domain.Desk{Now: start}) }
	for name, by := range map[string]domain.Roles{"a contact": domain.Helper, "staff": domain.Dispatcher, "the clock": domain.Clock} {
		if _, err := open().Track(domain.Actor{User: "x", Roles: by}, fixes, time.Time{}, start); !errors.Is(err, domain.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := open()
	if err := c.Cancel(ann, "", start); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Track(ann, fixes, time.Time{}, start); !errors.Is(err, domain.ErrInvalidTransition) || c.Ticket.Location != nil {
		t.Errorf("after the end: %v", err)
	}
}

func TestWhateverComesATrailHoldsASecondOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := domain.Open("t", domain.Press{Reporter: "ann"}, domain.Desk{Now: start})
		var fixes []domain.Location
		for _, ms := range rapid.SliceOfN(rapid.Int64Range(-5000, 5000), 0, 50).Draw(t, "milliseconds") {
			captured := after(time.Duration(ms) * time.Millisecond)
			if ms%7 == 0 {
				captured = nil
			}
			fixes = append(fixes, fixAt(captured, float64(ms)/1000))
		}
		tracked, err := c.Track(ann, fixes, time.Time{}, start)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[time.Time]bool{}
		for _, f := range tracked.Fixes {
			if seen[f.At] || f.At.Nanosecond() != 0 {
				t.Fatalf("%v twice, or no second", f.At)
			}
			seen[f.At] = true
		}
		if tracked.Moved != (len(fixes) > 0) || tracked.Newest.After(start) || c.Changed() && len(c.Events()) != 2 {
			t.Fatalf("%+v", tracked)
		}
	})
}
