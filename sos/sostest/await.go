package sostest

import "time"

// patience is how long a test waits for what must come: far longer than it
// takes, even where many tests share a machine.
const patience = time.Minute

// Eventually asks until the answer is yes.
func (s *SOS) Eventually(what string, ask func() bool) {
	s.tb.Helper()
	for deadline := time.Now().Add(patience); !ask(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.tb.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// awaited waits until there are n of the list.
func awaited[T any](s *SOS, what string, n int, list func() []T) (found []T) {
	s.tb.Helper()
	s.Eventually(what, func() bool {
		found = list()
		return len(found) >= n
	})
	return found
}
