package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// swamped is a service that answers so many requests a second, however many it
// is asked at once: the others wait.
type swamped struct{ perSecond int }

func (s swamped) serve(inFlight int) domain.Sight {
	seen := domain.Sight{Answers: int(float64(s.perSecond) * domain.SightEvery.Seconds()), Peak: inFlight}
	wait := time.Duration(inFlight) * time.Second / time.Duration(s.perSecond)
	if seen.Total = wait * time.Duration(seen.Answers); wait > domain.FullAfter {
		seen.Slow = seen.Answers
	}
	return seen
}

func TestTheRoomOfASwampedServiceSettlesWhereItsAnswersAreInTime(t *testing.T) {
	t.Parallel()
	const most = 2048
	for name, capacity := range map[string]int{"a small one": 500, "a middling one": 1000, "a big one": 8000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := swamped{capacity}
			edge := min(most, int(float64(capacity)*domain.FullAfter.Seconds())) // as many fit in before answers are late
			room := most
			for window := range 400 {
				room = service.serve(room).NextRoom(room, most)
				if window < 40 { // ten seconds to find it
					continue
				}
				if room < edge*3/4 || room > max(edge*11/10, edge+1) {
					t.Fatalf("after %d windows there is room for %d, where %d would be in time", window, room, edge)
				}
			}
		})
	}
}

func TestTheRoom(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		seen             domain.Sight
		room, most, want int
	}{
		"grows where it is used and fast":                 {domain.Sight{Answers: 100, Slow: 5, Peak: 90}, 100, 2048, 105},
		"grows from the least":                            {domain.Sight{Answers: 100, Peak: 48}, 48, 2048, 50},
		"never grows over the cap":                        {domain.Sight{Answers: 100, Peak: 100}, 100, 102, 102},
		"stays where it is not used":                      {domain.Sight{Answers: 100, Peak: 10}, 100, 2048, 100},
		"shrinks to less than what was slow":              {domain.Sight{Answers: 100, Slow: 6, Peak: 200}, 2048, 2048, 170},
		"shrinks by half where the queue is far too long": {domain.Sight{Answers: 10, Slow: 10, Peak: 200, Total: 20 * time.Second}, 2048, 2048, 100},
		"shrinks to what its mean tells":                  {domain.Sight{Answers: 10, Slow: 10, Peak: 200, Total: 1600 * time.Millisecond}, 2048, 2048, 150},
		"shrinks from itself where others were before":    {domain.Sight{Answers: 100, Slow: 6, Peak: 2048}, 100, 2048, 85},
		"never shrinks under the least":                   {domain.Sight{Answers: 100, Slow: 100, Peak: 3}, 60, 2048, 48},
		"never grows by being slow":                       {domain.Sight{Answers: 100, Slow: 100, Peak: 10}, 10, 10, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.seen.NextRoom(c.room, c.most); got != c.want {
				t.Errorf("room for %d, not for %d", got, c.want)
			}
		})
	}
}
