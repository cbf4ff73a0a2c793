package score_test

import (
	"encoding/json"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/test/load/internal/score"
)

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func board() *score.Board {
	b := score.NewBoard()
	b.Begin(start)
	return b
}

// near: histograms keep three digits.
func near(got, want time.Duration) bool {
	return math.Abs(float64(got-want)) <= float64(want)/1000+float64(time.Microsecond)
}

func TestWorkersTogetherScoreAsOneWouldHave(t *testing.T) {
	t.Parallel()
	one, parts := board(), []*score.Board{board(), board(), board()}
	for i := range 9_000 {
		due := start.Add(time.Duration(i) * time.Millisecond)
		end := due.Add(time.Duration(i%1000) * time.Millisecond)
		fault := score.Fault("")
		if i%100 == 0 {
			fault = "status_503"
		}
		one.Add("GET /", due, end, fault)
		parts[i%3].Add("GET /", due, end, fault)
	}
	var merged score.Sheet
	for _, b := range parts {
		merged.Merge(overTheWire(t, b.Sheet()))
	}
	whole := one.Sheet()
	got, want := merged.Lines["GET /"], whole.Lines["GET /"]
	for _, q := range []float64{0, 0.5, 0.95, 0.99, 1} {
		if got.Latency.Quantile(q) != want.Latency.Quantile(q) {
			t.Errorf("quantile %v is %s, want %s", q, got.Latency.Quantile(q), want.Latency.Quantile(q))
		}
	}
	if got.Good != want.Good || got.Failed() != 90 || got.Latency.Mean() != want.Latency.Mean() {
		t.Errorf("%d good, %d failed, mean %s; want %d, 90, %s", got.Good, got.Failed(), got.Latency.Mean(), want.Good, want.Latency.Mean())
	}
	if diff := cmp.Diff(whole.PerSecond, merged.PerSecond); diff != "" {
		t.Errorf("answers per second (-one +merged):\n%s", diff)
	}
}

func overTheWire(t *testing.T, s score.Sheet) score.Sheet {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read score.Sheet
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestWhatNobodyAnsweredCountsAsTheTimeThatWasWaited(t *testing.T) {
	t.Parallel()
	b := board()
	for range 50 {
		b.Add("GET /", start, start.Add(10*time.Millisecond), "")
		b.Add("GET /", start, start.Add(5*time.Second), score.TimedOut)
		b.Add("GET /", start, start.Add(time.Millisecond), "status_429")
	}
	line := b.Sheet().Lines["GET /"]
	if p95 := line.Latency.Quantile(0.95); !near(p95, 5*time.Second) {
		t.Errorf("with half of all unanswered p95 is %s, want the time-out of 5s", p95)
	}
	if p50 := line.Latency.Quantile(0.5); !near(p50, 10*time.Millisecond) {
		t.Errorf("p50 is %s, want 10ms: a quick refusal is no quick answer", p50)
	}
	if line.Good != 50 || line.Failed() != 100 {
		t.Errorf("%d good and %d failed, want 50 and 100", line.Good, line.Failed())
	}
}

func TestNothingRecordedIsZeroAndMergesAsNothing(t *testing.T) {
	t.Parallel()
	var l, other score.Latency
	l.Merge(other)
	if l.Count() != 0 || l.Quantile(0.99) != 0 || l.Mean() != 0 {
		t.Errorf("an empty latency has %d values, p99 %s, mean %s", l.Count(), l.Quantile(0.99), l.Mean())
	}
	l.Record(2 * time.Minute)
	if got := l.Quantile(1); !near(got, time.Minute) {
		t.Errorf("what took two minutes is kept as %s, want the longest there is, a minute", got)
	}
}

func TestABoardTakesFromManyAtOnce(t *testing.T) {
	t.Parallel()
	b := board()
	var adding sync.WaitGroup
	for range 8 {
		adding.Go(func() {
			for range 1000 {
				b.Add("GET /", start, start.Add(time.Millisecond), "")
			}
		})
	}
	adding.Wait()
	if all := b.Sheet().All(); all.Good != 8000 {
		t.Errorf("the board has %d, want 8000", all.Good)
	}
}
