package logging_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/logging"
)

// sink is a log's destination that can be held up.
type sink struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	held   chan struct{} // nil = open
}

func (s *sink) Write(b []byte) (int, error) {
	if s.held != nil {
		<-s.held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	return s.text.Write(b)
}

func (s *sink) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Split(strings.TrimSuffix(s.text.String(), "\n"), "\n")
}

func closed(t *testing.T, b *logging.Batch) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestLinesAreWrittenManyAtATimeAndSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		log, batch := logging.NewBatch(out, "gateway", "info")
		defer closed(t, batch)
		for n := range 100 {
			log.Info("request", "n", n)
		}
		<-time.After(50 * time.Millisecond)
		synctest.Wait()
		if got := out.lines(); len(got) != 100 || out.writes != 1 {
			t.Errorf("%d lines in %d writes", len(got), out.writes)
		}
	})
}

func TestWarningsAreWrittenAtOnceBehindWhatWasSaidBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &sink{}
		log, batch := logging.NewBatch(out, "gateway", "info")
		defer closed(t, batch)
		log.Info("first")
		log.With("who", "me").WithGroup("g").Error("second", "a", 1)
		got := out.lines()
		if len(got) != 2 || !strings.Contains(got[0], "first") || !strings.Contains(got[1], `"service":"gateway","who":"me","g":{"a":1}`) {
			t.Errorf("%q", got)
		}
	})
}

func TestWhoLogsNeverWaitsForTheWriterAndWhatIsDroppedIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &sink{held: make(chan struct{})}
		log, batch := logging.NewBatch(out, "gateway", "info")
		long := strings.Repeat("x", 10_000)
		for range 300 { // 3 MB, while nothing is written
			log.Info("long", "text", long)
		}
		close(out.held)
		closed(t, batch)
		written := len(out.lines())
		if batch.Dropped() == 0 || int64(written)+batch.Dropped() != 300 {
			t.Errorf("%d were written and %d dropped", written, batch.Dropped())
		}
	})
}

func TestNothingIsLostAtTheEndNorAfterIt(t *testing.T) {
	t.Parallel()
	out := &sink{}
	log, batch := logging.NewBatch(out, "gateway", "info")
	log.Debug("not for this level")
	log.Info("before")
	closed(t, batch)
	closed(t, batch)
	log.Info("after")
	got := out.lines()
	if len(got) != 2 || !strings.Contains(got[0], "before") || !strings.Contains(got[1], "after") {
		t.Errorf("%q", got)
	}
}

func TestLinesOfManyStayWhole(t *testing.T) {
	t.Parallel()
	out := &sink{}
	log, batch := logging.NewBatch(out, "gateway", "info")
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for n := range 500 {
				level := slog.LevelInfo
				if n%100 == 0 {
					level = slog.LevelWarn
				}
				log.Log(t.Context(), level, "line", "g", g, "n", n)
			}
		})
	}
	group.Wait()
	closed(t, batch)
	next := make(map[int]int)
	for _, line := range out.lines() {
		var l struct{ G, N int }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if l.N != next[l.G] {
			t.Fatalf("of %d came %d where %d was next", l.G, l.N, next[l.G])
		}
		next[l.G]++
	}
	if total := len(out.lines()); total != 8*500 || batch.Dropped() != 0 {
		t.Errorf("%d lines, %d dropped", total, batch.Dropped())
	}
}
