// Package eventually lets tests wait for what others do in their own time and
// tell nobody of.
package eventually

import "time"

// patience is far more than anything takes, even where many tests share a machine
// and something is looked at once a minute only.
const patience = 90 * time.Second

// T is what a test, a benchmark or a program that measures offers.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
}

// True asks until the answer is yes. The test fails where it is no for 90 seconds:
// what is the sentence that has not come true then, and instead says what is.
func True(t T, what string, ask func() bool, instead ...func() string) {
	t.Helper()
	Within(t, patience, what, ask, instead...)
}

// Within is True with a limit that is part of what is promised, or that what is
// slow by nature needs. The more time has passed, the less often it asks, for
// what takes seconds is seldom cheap to ask for.
func Within(t T, limit time.Duration, what string, ask func() bool, instead ...func() string) {
	t.Helper()
	const (
		shortest = time.Millisecond
		longest  = 50 * time.Millisecond
		share    = 16 // of the time that has passed is lost at most
	)
	for start := time.Now(); !ask(); time.Sleep(min(shortest+time.Since(start)/share, longest)) {
		if time.Since(start) <= limit {
			continue
		}
		for _, say := range instead {
			what += "\nbut: " + say()
		}
		t.Fatalf("not within %s: %s", limit, what)
		return
	}
}
