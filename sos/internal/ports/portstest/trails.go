package portstest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
)

func trailTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a trail comes in the order of its fixes":           trailInOrder,
		"what is sent again is stored once":                 trailRepeats,
		"a batch moves the ticket and is no change of it":   trailMoves,
		"a refused batch leaves nothing":                    trailRefused,
		"batches at once are all kept":                      trailsAtOnce,
		"a long trail is shown from its first to its last":  trailSpread,
		"a trail that grows too long is thinned at its old": trailThinned,
		"there is no trail of no ticket":                    trailOfNothing,
		"a newer place of a press is a fix":                 trailOfPresses,
	}
}

// at is a fix of the device's second n.
func at(n int) domain.Location {
	captured := time.Date(2020, 1, 1, 0, 0, n, 0, time.UTC)
	return domain.Location{Latitude: float64(n%80) / 2, Longitude: float64(n%170) / 2, CapturedAt: &captured}
}

func (b bench) track(id domain.TicketID, fixes ...domain.Location) int {
	b.t.Helper()
	added, err := b.Track(b.t.Context(), id, tracking(fixes))
	if err != nil {
		b.t.Fatalf("track: %v", err)
	}
	return added
}

func tracking(fixes []domain.Location) func(*domain.Case, time.Time, time.Time) (domain.Tracked, error) {
	return func(c *domain.Case, newest, now time.Time) (domain.Tracked, error) {
		return c.Track(reporter(c), fixes, newest, now)
	}
}

// seconds of the trail, from the first fix's that at makes.
func (b bench) seconds(id domain.TicketID, limit int) (seconds []int, total int) {
	b.t.Helper()
	fixes, total, err := b.Trail(b.t.Context(), id, limit)
	if err != nil {
		b.t.Fatalf("trail: %v", err)
	}
	for _, f := range fixes {
		seconds = append(seconds, int(f.At.Sub(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)).Seconds()))
	}
	return seconds, total
}

func trailInOrder(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	accuracy := 8.0
	full := at(2)
	full.Accuracy, full.Source = &accuracy, "gps"
	if n := b.track(c.Ticket.ID, at(5), full, at(3)); n != 3 {
		t.Errorf("%d were new", n)
	}
	b.track(c.Ticket.ID, at(1), at(4))
	fixes, total, err := b.Trail(t.Context(), c.Ticket.ID, 100)
	if err != nil || total != 5 {
		t.Fatalf("%d (%v)", total, err)
	}
	if diff := cmp.Diff(full, fixes[1].Location); diff != "" {
		t.Error(diff)
	}
	seconds, _ := b.seconds(c.Ticket.ID, 100)
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5}, seconds); diff != "" {
		t.Error(diff)
	}
	for _, f := range fixes {
		if f.ReceivedAt.IsZero() || f.At.Location() != time.UTC || f.ReceivedAt.Location() != time.UTC {
			t.Errorf("fix %+v", f)
		}
	}
}

func trailRepeats(t *testing.T, b bench) {
	first := at(1)
	c, _ := b.press(address("ann"), domain.Press{Location: &first})
	if n := b.track(c.Ticket.ID, at(1), at(2), at(3)); n != 2 {
		t.Errorf("%d new beside the place of the call", n)
	}
	elsewhere := at(3)
	elsewhere.Latitude++
	if n := b.track(c.Ticket.ID, at(2), elsewhere, at(4)); n != 1 {
		t.Errorf("%d new the second time", n)
	}
	fixes, total, err := b.Trail(t.Context(), c.Ticket.ID, 100)
	if err != nil || total != 4 || fixes[2].Latitude != at(3).Latitude {
		t.Errorf("%d: %+v (%v)", total, fixes, err)
	}
}

func trailMoves(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	b.track(c.Ticket.ID, at(7), at(9), at(8))
	b.track(c.Ticket.ID, at(6))
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := at(9); cmp.Diff(&want, got.Ticket.Location) != "" || got.Ticket.Version != 1 || len(b.timeline(c.Ticket.ID)) != 2 {
		t.Errorf("version %d at %+v", got.Ticket.Version, got.Ticket.Location)
	}
	later := b.update(c.Ticket.ID, comment)
	if later.Ticket.Location == nil || later.Ticket.Version != 2 {
		t.Errorf("after a comment: version %d at %+v", later.Ticket.Version, later.Ticket.Location)
	}
}

func trailRefused(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	b.update(c.Ticket.ID, cancel)
	_, err := b.Track(t.Context(), c.Ticket.ID, tracking([]domain.Location{at(1)}))
	mustFail(t, err, domain.ErrInvalidTransition)
	if fixes, total, err := b.Trail(t.Context(), c.Ticket.ID, 10); len(fixes) > 0 || total > 0 || err != nil {
		t.Errorf("%d fixes (%v)", total, err)
	}
	if got, _ := b.Ticket(t.Context(), c.Ticket.ID); got.Ticket.Location != nil {
		t.Errorf("moved to %+v", got.Ticket.Location)
	}
}

func trailsAtOnce(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			if _, err := b.Track(t.Context(), c.Ticket.ID, tracking([]domain.Location{at(2 * i), at(2*i + 1), at(0)})); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	seconds, total := b.seconds(c.Ticket.ID, 100)
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if want := at(19); total != 20 || len(seconds) != 20 || err != nil || cmp.Diff(&want, got.Ticket.Location) != "" {
		t.Errorf("%d fixes, at %+v (%v)", total, got.Ticket.Location, err)
	}
}

func trailSpread(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	var batch []domain.Location
	for i := range 11 {
		batch = append(batch, at(i))
	}
	b.track(c.Ticket.ID, batch...)
	for limit, want := range map[int][]int{2: {0, 10}, 3: {0, 5, 10}, 6: {0, 2, 4, 6, 8, 10}, 11: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}} {
		seconds, total := b.seconds(c.Ticket.ID, limit)
		if diff := cmp.Diff(want, seconds); diff != "" || total != 11 {
			t.Errorf("%d of %d: %s", limit, total, diff)
		}
	}
}

func trailThinned(t *testing.T, b bench) {
	c, _ := b.press(address("ann"), domain.Press{})
	const many = domain.MaxTrail + 1
	for start := 0; start < many; start += domain.MaxBatch * 50 {
		var batch []domain.Location
		for i := start; i < min(start+domain.MaxBatch*50, many); i++ {
			batch = append(batch, at(i))
		}
		if n := b.track(c.Ticket.ID, batch...); n != len(batch) {
			t.Fatalf("%d of %d were new", n, len(batch))
		}
	}
	seconds, total := b.seconds(c.Ticket.ID, many)
	old := many - domain.KeptWhole
	if want := domain.KeptWhole + (old+1)/2; total != want || len(seconds) != want {
		t.Fatalf("%d fixes are left, want %d", total, want)
	}
	if seconds[0] != 0 || seconds[1] != 2 || seconds[total-1] != many-1 || seconds[total-domain.KeptWhole] != old {
		t.Errorf("left: %v … %v", seconds[:3], seconds[total-3:])
	}
	if n := b.track(c.Ticket.ID, at(many)); n != 1 {
		t.Errorf("%d new afterwards", n)
	}
}

func trailOfNothing(t *testing.T, b bench) {
	id := domain.TicketID(newID())
	_, err := b.Track(t.Context(), id, tracking([]domain.Location{at(1)}))
	mustFail(t, err, domain.ErrTicketNotFound)
	if fixes, total, err := b.Trail(t.Context(), id, 10); len(fixes) > 0 || total != 0 || err != nil {
		t.Errorf("%d fixes (%v)", total, err)
	}
}

func trailOfPresses(t *testing.T, b bench) {
	pressed := address("ann")
	places := []domain.Location{at(1), at(3), at(2), at(5)}
	c, _ := b.press(pressed, domain.Press{Location: &places[0]})
	b.press(pressed, domain.Press{Location: &places[1]})        // a replay that knows more
	b.press(pressed, domain.Press{Location: &places[2]})        // one that was late
	b.press(address("ann"), domain.Press{Location: &places[3]}) // another press, which joins
	seconds, _ := b.seconds(c.Ticket.ID, 100)
	if diff := cmp.Diff([]int{1, 3, 5}, seconds); diff != "" {
		t.Error(diff)
	}
	got, err := b.Ticket(t.Context(), c.Ticket.ID)
	if err != nil || got.Ticket.Location == nil || got.Ticket.Location.Latitude != places[3].Latitude {
		t.Errorf("the ticket is at %+v (%v)", got.Ticket.Location, err)
	}
	if n := b.track(c.Ticket.ID, at(4), at(5), at(6)); n != 2 {
		t.Errorf("%d of the batch were new", n)
	}
}
