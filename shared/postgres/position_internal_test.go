package postgres

import (
	"testing"
	"time"
)

func TestADelayIsTheAgeOfTheFirstThingThatIsMissing(t *testing.T) {
	t.Parallel()
	start := time.Unix(1000, 0)
	var wrote track // 10 bytes a second for 3 s, then nothing
	for second := range 8 {
		wrote.add(position(10*min(second, 3)), start.Add(time.Duration(second)*time.Second))
	}
	now := start.Add(8 * time.Second)
	for name, test := range map[string]struct {
		at   position
		want time.Duration
	}{
		"nothing is missing, however long nobody wrote": {30, 0},
		"further than the last look":                    {40, 0},
		"the last ten bytes":                            {20, 5 * time.Second},
		"a part of them":                                {29, 5 * time.Second},
		"more":                                          {5, 7 * time.Second},
	} {
		if got := wrote.behind(test.at, now); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestADelayIsNeverTakenForLessThanTheTrackShows(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	var long track
	for i := range 1000 {
		now = now.Add(watchEvery)
		long.add(position(i+1), now)
	}
	if len(long.points) != trackLength {
		t.Errorf("%d points are kept", len(long.points))
	}
	if got := long.behind(0, now); got <= maxLag {
		t.Errorf("a replica that never came is %s behind", got)
	}
}

func TestAnotherPrimaryBeginsAnotherTrack(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	var moved track
	moved.add(100, now)
	moved.add(90, now.Add(time.Second)) // it had not come as far
	if got := moved.behind(90, now.Add(time.Minute)); got != 0 {
		t.Errorf("a replica that has all of it is %s behind", got)
	}
}
