package fault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/loveapp/backend/shared/fault"
)

var errTaken = fault.New(fault.Conflict, "email_taken", "That address has an account.")

func TestACopyStillMatchesItsSentinel(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("register: %w", errTaken.WithDetail("other words").WithCause(errors.New("pq: duplicate")))
	if !errors.Is(err, errTaken) {
		t.Fatalf("%v does not match its sentinel", err)
	}
	if errors.Is(err, fault.New(fault.Conflict, "phone_taken", "")) {
		t.Fatal("another code must not match")
	}
}

func TestWithLeavesTheSentinelAlone(t *testing.T) {
	t.Parallel()
	base := fault.NewInvalid(fault.Field{Field: "a", Code: "required", Message: "missing"})
	_ = base.WithField("b", "required", "missing").WithExtra("x", 1).WithRetryAfter(time.Second)
	if len(base.Fields) != 1 || base.Extra != nil || base.RetryAfter != 0 {
		t.Fatalf("the original changed: %+v", base)
	}
}

func TestFromClassifiesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err  error
		kind fault.Kind
	}{
		"a fault in the chain": {fmt.Errorf("outer: %w", errTaken), fault.Conflict},
		"a deadline":           {fmt.Errorf("query: %w", context.DeadlineExceeded), fault.Timeout},
		"anything else":        {errors.New("boom"), fault.Internal},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fault.From(c.err).Kind; got != c.kind {
				t.Fatalf("kind %d, want %d", got, c.kind)
			}
		})
	}
	if fault.From(nil) != nil {
		t.Fatal("no error became one")
	}
}
