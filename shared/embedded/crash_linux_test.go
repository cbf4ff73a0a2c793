package embedded_test

import "testing"

func TestTheServerDoesNotOutliveAProgramThatIsKilled(t *testing.T) {
	t.Parallel()
	awaitGone(t, crash(t, t.TempDir()))
}
