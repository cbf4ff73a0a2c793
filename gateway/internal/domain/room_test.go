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
	least := domain.LeastRoom(1)
	for name, capacity := range map[string]int{"a tiny one": 150, "a small one": 500, "a middling one": 1000, "a big one": 8000} {
		for name, room := range map[string]int{name + ", from the first": domain.FirstRoom(1), name + ", from the most": most} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				service := swamped{capacity}
				edge := min(most, int(float64(capacity)*domain.FullAfter.Seconds())) // as many fit in before answers are late
				for window := range 400 {
					room = service.serve(room).NextRoom(room, least, most)
					if window < 40 { // ten seconds to find it
						continue
					}
					if room < edge*3/4 || room > max(edge*11/10, edge+1, least) {
						t.Fatalf("after %d windows there is room for %d, where %d would be in time", window, room, edge)
					}
				}
			})
		}
	}
}

func TestTheRoom(t *testing.T) {
	t.Parallel()
	const least = 48
	for name, c := range map[string]struct {
		seen             domain.Sight
		room, most, want int
	}{
		"grows by half where twice as many would be in time": {domain.Sight{Answers: 100, Slow: 5, Peak: 90}, 100, 2048, 150},
		"grows a little near the edge":                       {domain.Sight{Answers: 10, Peak: 90, Total: 700 * time.Millisecond}, 100, 2048, 105},
		"grows from the least":                               {domain.Sight{Answers: 10, Peak: 48, Total: 700 * time.Millisecond}, 48, 2048, 50},
		"never grows over the cap":                           {domain.Sight{Answers: 100, Peak: 100}, 100, 102, 102},
		"stays where half of it is used":                     {domain.Sight{Answers: 100, Peak: 50}, 100, 2048, 100},
		"is lost where it is not used":                       {domain.Sight{Answers: 100, Peak: 10}, 100, 2048, 75},
		"keeps twice what is used":                           {domain.Sight{Answers: 100, Peak: 45}, 100, 2048, 90},
		"keeps the least":                                    {domain.Sight{Answers: 100, Peak: 1}, 50, 2048, 48},
		"shrinks to less than what was slow":                 {domain.Sight{Answers: 100, Slow: 6, Peak: 200}, 2048, 2048, 170},
		"shrinks by half where the queue is far too long":    {domain.Sight{Answers: 10, Slow: 10, Peak: 200, Total: 20 * time.Second}, 2048, 2048, 100},
		"shrinks to what its mean tells":                     {domain.Sight{Answers: 10, Slow: 10, Peak: 200, Total: 1600 * time.Millisecond}, 2048, 2048, 150},
		"shrinks from itself where others were before":       {domain.Sight{Answers: 100, Slow: 6, Peak: 2048}, 100, 2048, 85},
		"never shrinks under the least":                      {domain.Sight{Answers: 100, Slow: 100, Peak: 3}, 60, 2048, 48},
		"never grows by being slow":                          {domain.Sight{Answers: 100, Slow: 100, Peak: 10}, 10, 10, 10},
		"never grows by being idle":                          {domain.Sight{Answers: 100}, 10, 10, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.seen.NextRoom(c.room, least, c.most); got != c.want {
				t.Errorf("room for %d, not for %d", got, c.want)
			}
		})
	}
}

func TestManyGatewaysShareTheSmallestRooms(t *testing.T) {
	t.Parallel()
	for gateways, want := range map[int][2]int{0: {48, 16}, 1: {48, 16}, 4: {12, 4}, 20: {8, 4}} {
		if got := [2]int{domain.FirstRoom(gateways), domain.LeastRoom(gateways)}; got != want {
			t.Errorf("each of %d gateways begins with and keeps %d, not %d", gateways, got, want)
		}
	}
}
