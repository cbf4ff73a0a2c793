package failure_test

import (
	"context"
	"testing"
	"time"

	"github.com/loveapp/backend/test/failure"
	"github.com/loveapp/backend/test/stack"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// toxiproxy leaves a pipe behind where both ends of a connection break at once.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*NoopToxic).Pipe"))
}

// The short form of what cmd/failure does at length.
func TestPartsDieInTurnAndEveryPromiseIsKept(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	admin := failure.NewAdmin()
	s, err := stack.Start(ctx, stack.Options{Linked: true, Failpoints: true, Env: admin.Env()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	const away = time.Second
	crowd := failure.Crowd{Callers: 6, Waiting: 2, Contacts: 4, Every: 300 * time.Millisecond, Admin: admin}
	run, err := failure.New(ctx, s, crowd)
	if err != nil {
		t.Fatal(err)
	}
	report, err := run.Do(ctx, crowd, failure.Short(away))
	if err != nil {
		t.Error(err)
	}
	t.Log("\n" + report.Markdown())
	for _, sentence := range report.Broken() {
		t.Error(sentence)
	}
}
