package app_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/sos/internal/domain"
)

// The process's clock and that of the database are an hour apart, and the
// device's is another hour off: what becomes due and when things happened is the
// database's to say alone.
func TestOnlyTheDatabasesClockDecides(t *testing.T) {
	t.Parallel()
	for name, off := range map[string]time.Duration{"ahead": time.Hour, "behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				theirs := func() time.Time { return time.Now().Add(off) }
				h := newHouseAt(t, nil, theirs)
				h.trust("ann", "mum")
				device := theirs().Add(off)
				taken, err := h.Trigger(t.Context(), "k", domain.Press{
					Reporter: "ann", Type: domain.Medical, Countdown: 10 * time.Second, OccurredAt: &device,
					Location: &domain.Location{Latitude: 1, Longitude: 2, CapturedAt: &device},
				})
				if err != nil {
					t.Fatal(err)
				}
				pressed := theirs()
				fired := h.wind(h.store, 1)
				status := func() domain.Status {
					got, err := h.Ticket(t.Context(), domain.Caller{User: "ann"}, taken.Ticket.ID)
					if err != nil {
						t.Fatal(err)
					}
					if got.CreatedAt.Sub(pressed).Abs() > time.Second {
						t.Errorf("made at %v, pressed at %v", got.CreatedAt, pressed)
					}
					return got.Status
				}
				pass(9 * time.Second)
				if got := status(); got != domain.Countdown {
					t.Errorf("after nine of ten seconds it is %s", got)
				}
				pass(2 * time.Second)
				if got := status(); got != domain.Pending {
					t.Errorf("after eleven of ten seconds it is %s", got)
				}
				if _, latest := fired(); latest > time.Second {
					t.Errorf("it is said to be %v late", latest)
				}
				accepted, err := h.Track(t.Context(), domain.Caller{User: "ann"}, taken.Ticket.ID, []domain.Location{{Latitude: 3, Longitude: 4, CapturedAt: &device}})
				if err != nil || accepted > 1 {
					t.Errorf("accepted %d (%v)", accepted, err)
				}
			})
		})
	}
}
