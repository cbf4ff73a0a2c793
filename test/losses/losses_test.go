package losses_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loveapp/backend/test/losses"
	"github.com/loveapp/backend/test/stack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The short form of what cmd/losses does at length.
func TestWhatIsAcceptedIsShownOnceWhateverDies(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s, err := stack.Start(ctx, stack.Options{Env: losses.Env()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	report, err := losses.Run(ctx, s, losses.Options{
		Users: 30, Rate: 60, Faults: losses.Short(time.Second), Between: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + report.Markdown())
	for _, sentence := range report.Broken {
		t.Error(sentence)
	}
	if !strings.HasPrefix(report.Audit, "CHECK") {
		t.Errorf("loss-audit says %q", report.Audit)
	}
	if report.Accepted == 0 || report.Sum().Shown < report.Accepted {
		t.Errorf("%d were accepted and %d shown", report.Accepted, report.Sum().Shown)
	}
}
