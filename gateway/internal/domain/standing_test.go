package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"pgregory.net/rapid"
)

const start = int64(1_700_000_000_000_000) // µs; a moment in 2023

func seedLimits() domain.Limits {
	return domain.Limits{
		Short:       domain.Limit{Name: "short", Count: 100, Window: time.Minute, Burst: 100},
		Medium:      domain.Limit{Name: "medium", Count: 500, Window: 10 * time.Minute, Burst: 500},
		Long:        domain.Limit{Name: "long", Count: 2000, Window: time.Hour, Burst: 2000},
		General:     domain.Limit{Name: "general", Count: 50, Window: time.Second, Burst: 100},
		Credentials: domain.Limit{Name: "auth", Count: 10, Window: time.Second, Burst: 20},
		Assistance:  domain.Limit{Name: "sos", Count: 5, Window: time.Second, Burst: 10},
		Urgent:      domain.Limit{Name: "urgent", Count: 50, Window: time.Second, Burst: 500},
		Stream:      domain.Limit{Name: "stream", Count: 50, Window: time.Second, Burst: 100},
	}
}

// flood sends as fast as it can, a request each gap, and counts what passes.
func flood(s *domain.Standing, p domain.Policy, from int64, gap, span time.Duration) (passed int) {
	for now := from; now < from+span.Microseconds(); now += gap.Microseconds() {
		if s.Take(now, p).Allowed {
			passed++
		}
	}
	return passed
}

func TestWhoeverSendsAsFastAsItCanGetsExactlyAHundredInItsFirstMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := seedLimits().For(rapid.SampledFrom([]domain.Class{domain.General, domain.Credentials, domain.Assistance}).Draw(t, "class"), false)
		gap := time.Duration(rapid.Int64Range(5, 400).Draw(t, "gap in ms")) * time.Millisecond
		from := start + rapid.Int64Range(0, time.Hour.Microseconds()).Draw(t, "start")
		if passed := flood(&domain.Standing{}, p, from, gap, time.Minute); passed != 100 {
			t.Fatalf("%d passed", passed)
		}
	})
}

func TestNoMinuteAfterTheFirstHasMoreThanTheLimitAndTheDriftOfTheEstimate(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	p := domain.Policy{Windows: [3]domain.Limit{seedLimits().Short}}
	flood(&s, p, start, 10*time.Millisecond, time.Minute)
	for minute := range int64(5) {
		from := start + (minute+1)*time.Minute.Microseconds()
		if passed := flood(&s, p, from, 10*time.Millisecond, time.Minute); passed < 95 || passed > 100 {
			t.Errorf("minute %d: %d passed", minute+2, passed)
		}
	}
}

func TestABucketGivesItsBurstAtOnceAndThenItsRate(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	p := domain.Policy{Bucket: seedLimits().General}
	if passed := flood(&s, p, start, time.Microsecond, time.Millisecond); passed != 100 {
		t.Errorf("%d passed at once, want the burst of 100", passed)
	}
	if passed := flood(&s, p, start+1000, time.Millisecond, 10*time.Second); passed < 499 || passed > 500 {
		t.Errorf("%d passed in ten seconds, want 50 a second", passed)
	}
}

func TestRetryAfterIsTheFirstMomentThatPasses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		var s domain.Standing
		now := start
		for range rapid.IntRange(1, 200).Draw(t, "requests") {
			now += rapid.Int64Range(0, 3_000_000).Draw(t, "gap")
			before := s
			v := s.Take(now, p)
			if v.Allowed != (v.RetryAfter == 0) || v.Remaining < 0 {
				t.Fatalf("contradiction: %+v", v)
			}
			if v.Allowed {
				continue
			}
			if s != before {
				t.Fatalf("a denied request changed %+v to %+v", before, s)
			}
			early, late := s, s
			at := now + v.RetryAfter.Microseconds()
			if early.Take(at-2000, p).Allowed && v.RetryAfter > 2*time.Millisecond {
				t.Fatalf("allowed 2 ms before %s were over", v.RetryAfter)
			}
			if !late.Take(at, p).Allowed {
				t.Fatalf("denied after waiting %s as told", v.RetryAfter)
			}
		}
	})
}

func anyPolicy(t *rapid.T) domain.Policy {
	limit := func(name string) domain.Limit {
		l := domain.Limit{
			Name: name, Count: rapid.Int64Range(0, 30).Draw(t, name+" count"), Burst: rapid.Int64Range(1, 30).Draw(t, name+" burst"),
			Window: time.Duration(rapid.Int64Range(1, 20_000).Draw(t, name+" window")) * time.Millisecond,
		}
		return l
	}
	return domain.Policy{
		Slot: rapid.IntRange(0, 4).Draw(t, "slot"), Bucket: limit("bucket"),
		Windows: [3]domain.Limit{limit("short"), limit("medium"), limit("long")},
	}
}

func TestTheVerdictNamesTheLimitWithTheLeastLeft(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	v := s.Take(start, seedLimits().For(domain.General, false))
	if v.Limit.Name != "short" || v.Remaining != 99 || v.Reset != time.Minute {
		t.Errorf("first request: %+v", v)
	}
	v = s.Take(start, seedLimits().For(domain.Urgent, false))
	if v.Limit.Name != "urgent" || v.Remaining != 499 {
		t.Errorf("a class without windows: %+v", v)
	}
}

func TestClassesHaveBucketsOfTheirOwnAndShareTheWindows(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	limits := seedLimits()
	if passed := flood(&s, limits.For(domain.Credentials, false), start, time.Microsecond, time.Millisecond); passed != 20 {
		t.Fatalf("%d passed", passed)
	}
	if v := s.Take(start+1000, limits.For(domain.General, false)); !v.Allowed || v.Remaining != 79 {
		t.Errorf("general after a flood of sign-ins: %+v", v)
	}
}

func TestAnAddressThatManyShareCountsFiftyfold(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	if passed := flood(&s, seedLimits().For(domain.General, true), start, time.Millisecond, time.Minute); passed != 5000 {
		t.Errorf("%d passed, want 50 times 100", passed)
	}
}

func TestOneOfSeveralGatewaysLetsItsShareThrough(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	p := seedLimits().For(domain.General, false).Share(4)
	if passed := flood(&s, p, start, time.Millisecond, time.Minute); passed != 25 {
		t.Errorf("%d passed, want a quarter of 100", passed)
	}
}

func TestAClockThatGoesBackDeniesNobodyForLong(t *testing.T) {
	t.Parallel()
	var s domain.Standing
	p := seedLimits().For(domain.General, false)
	s.Take(start, p)
	if v := s.Take(start-time.Hour.Microseconds(), p); v.RetryAfter > 2*time.Hour {
		t.Errorf("%+v", v)
	}
}
