package breakerclient_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/breakerclient"
	"github.com/loveapp/backend/notification/internal/domain"
)

// provider fails in a way.
type provider struct {
	failure atomic.Pointer[domain.SendError]
	calls   atomic.Int32
}

func (*provider) Provider() domain.Provider { return domain.FCM }

func (p *provider) Send(context.Context, domain.Parcel) (domain.Handed, error) {
	p.calls.Add(1)
	if failure := p.failure.Load(); failure != nil {
		return domain.Handed{}, failure
	}
	return domain.Handed{ProviderID: "name"}, nil
}

func TestAProviderThatKeepsFailingIsLeftAloneForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, leftAlone)
}

func leftAlone(t *testing.T) {
	var p provider
	var open atomic.Bool
	b := breakerclient.New(&p, func(_ domain.Provider, now bool) { open.Store(now) })
	p.failure.Store(&domain.SendError{Kind: domain.Unreachable, Code: "timeout"})
	for range 50 {
		_, _ = b.Send(t.Context(), domain.Parcel{})
	}
	if n := p.calls.Load(); n >= 50 || !b.Resting() || !open.Load() {
		t.Fatalf("%d calls, resting: %t, open: %t", n, b.Resting(), open.Load())
	}
	_, err := b.Send(t.Context(), domain.Parcel{})
	if failure, ok := errors.AsType[*domain.SendError](err); !ok || failure.Kind != domain.Unreachable || failure.Code != domain.CodeResting || failure.Provider != domain.FCM {
		t.Errorf("while it rests: %v", err)
	}
	p.failure.Store(nil)
	time.Sleep(time.Minute) // the bubble's
	if handed, err := b.Send(t.Context(), domain.Parcel{}); err != nil || handed.ProviderID != "name" {
		t.Fatalf("a provider that works again is not used: %v", err)
	}
	if b.Resting() || open.Load() {
		t.Error("it still rests")
	}
}

func TestARefusalComesFromAProviderThatWorks(t *testing.T) {
	t.Parallel()
	for _, kind := range []domain.SendErrorKind{domain.Rejected, domain.Gone, domain.Throttled, domain.Misconfigured, domain.Overdue} {
		var p provider
		b := breakerclient.New(&p, nil)
		p.failure.Store(&domain.SendError{Kind: kind})
		for range 30 {
			_, _ = b.Send(t.Context(), domain.Parcel{})
		}
		if n := p.calls.Load(); n != 30 {
			t.Errorf("%s: %d of 30 calls", kind, n)
		}
	}
}
