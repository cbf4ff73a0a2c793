package sostest

import "github.com/loveapp/backend/shared/eventually"

// Eventually asks until the answer is yes.
func (s *SOS) Eventually(what string, ask func() bool) {
	s.tb.Helper()
	eventually.True(s.tb, what, ask)
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
