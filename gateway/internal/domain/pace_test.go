package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"pgregory.net/rapid"
)

func pace(answers int64, mean time.Duration) domain.Pace {
	return domain.Pace{Answers: answers, Total: time.Duration(answers) * mean}
}

func TestAnInstanceDragsWhenItIsFarSlowerThanItsPeers(t *testing.T) {
	t.Parallel()
	fast, slow := pace(100, 10*time.Millisecond), pace(30, 500*time.Millisecond)
	for name, c := range map[string]struct {
		mine  domain.Pace
		peers []domain.Pace
		want  bool
	}{
		"far slower":                         {slow, []domain.Pace{fast, fast}, true},
		"than its only peer":                 {slow, []domain.Pace{fast}, true},
		"one of two that are slow":           {slow, []domain.Pace{fast, slow}, true},
		"the others are slow too":            {slow, []domain.Pace{slow, slow, fast}, false},
		"a little slower":                    {pace(100, 30*time.Millisecond), []domain.Pace{fast}, false},
		"four times, but still in time":      {pace(100, 150*time.Millisecond), []domain.Pace{fast}, false},
		"out of time, as its peers nearly":   {pace(100, 300*time.Millisecond), []domain.Pace{pace(100, 150*time.Millisecond)}, false},
		"too few answers":                    {pace(19, time.Second), []domain.Pace{fast}, false},
		"nobody to compare with":             {slow, nil, false},
		"nobody with enough to compare with": {slow, []domain.Pace{pace(3, time.Millisecond)}, false},
	} {
		if got := c.mine.Drags(c.peers); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestThePauseDoublesUpToAMinute(t *testing.T) {
	t.Parallel()
	for times, want := range map[int]time.Duration{0: 5 * time.Second, 1: 5 * time.Second, 2: 10 * time.Second, 4: 40 * time.Second, 5: time.Minute, 500: time.Minute} {
		if got := domain.Pause(times); got != want {
			t.Errorf("%d: %s", times, got)
		}
	}
}

func TestANewcomersShareGrowsAndIsNeverNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		earlier := time.Duration(rapid.Int64Range(-1e9, 20e9).Draw(t, "age"))
		later := earlier + time.Duration(rapid.Int64Range(0, 20e9).Draw(t, "more"))
		if a, b := domain.Weight(earlier), domain.Weight(later); a <= 0 || b > 1 || a > b {
			t.Errorf("%s: %v, %s: %v", earlier, a, later, b)
		}
	})
	if domain.Weight(10*time.Second) != 1 || domain.Weight(5*time.Second) != 0.5 {
		t.Error("it is not even, or takes another time than ten seconds")
	}
}
