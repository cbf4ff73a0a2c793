package eventually_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/eventually"
)

// said is what a test that fails says.
type said string

func (*said) Helper()                             {}
func (s *said) Fatalf(format string, args ...any) { *s = said(fmt.Sprintf(format, args...)) }

func TestItGoesOnAskingUntilTheAnswerIsYes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, takes := range []time.Duration{0, 10 * time.Millisecond, time.Second, 59 * time.Second} {
			start, asked := time.Now(), 0
			eventually.True(t, "it is done", func() bool {
				asked++
				return time.Since(start) >= takes
			})
			if late := time.Since(start) - takes; late > min(2*time.Millisecond+takes/16, 50*time.Millisecond) {
				t.Errorf("what takes %s is seen %s later, after %d questions", takes, late, asked)
			}
		}
	})
}

func TestWhatDoesNotComeTrueEndsTheTestAndIsNamed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failed said
		eventually.Within(&failed, 3*time.Second, "the socket is closed", func() bool { return false })
		if failed != "not within 3s: the socket is closed" {
			t.Errorf("said %q", failed)
		}
		eventually.True(&failed, "the socket is closed", func() bool { return false }, func() string { return "it is open" })
		if failed != "not within 1m30s: the socket is closed\nbut: it is open" {
			t.Errorf("said %q", failed)
		}
	})
}
