package breakerclient_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/notification/internal/adapters/breakerclient"
	"github.com/loveapp/backend/notification/internal/domain"
)

// browsers fails for the endpoints of one host while it is hostile.
type browsers struct {
	friendly atomic.Bool
	calls    atomic.Int32
}

func (*browsers) Provider() domain.Provider { return domain.WebPush }

func (b *browsers) Send(_ context.Context, p domain.Parcel) (domain.Handed, error) {
	if !strings.Contains(p.To.Subscription.Endpoint, "hostile") || b.friendly.Load() {
		return domain.Handed{ProviderID: "name"}, nil
	}
	b.calls.Add(1)
	return domain.Handed{}, &domain.SendError{Provider: domain.WebPush, Kind: domain.Unreachable, Code: "timeout"}
}

func at(endpoint string) domain.Parcel {
	return domain.Parcel{To: domain.Target{Channel: domain.Push, Provider: domain.WebPush, Subscription: domain.Subscription{Endpoint: endpoint}}}
}

func TestAHostThatNeverAnswersKeepsNobodyElsesMessagesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b browsers
		var open atomic.Bool
		hosts := breakerclient.PerHost(&b, func(_ domain.Provider, now bool) { open.Store(now) })
		for i := range 50 {
			_, _ = hosts.Send(t.Context(), at(fmt.Sprint("https://hostile.example/", i)))
			if _, err := hosts.Send(t.Context(), at("https://push.example/ana")); err != nil {
				t.Fatalf("a browser with another push service is not told: %v", err)
			}
		}
		if n := b.calls.Load(); n >= 50 || !open.Load() {
			t.Errorf("the hostile host was asked %d times of 50, left alone: %t", n, open.Load())
		}
		b.friendly.Store(true)
		time.Sleep(time.Minute) // the bubble's
		if _, err := hosts.Send(t.Context(), at("https://hostile.example/1")); err != nil || open.Load() {
			t.Errorf("a host that answers again is not used: %v, left alone: %t", err, open.Load())
		}
	})
}

func TestHostsThatAreToldApartAreBounded(t *testing.T) {
	t.Parallel()
	var b browsers
	var open atomic.Bool
	hosts := breakerclient.PerHost(&b, func(_ domain.Provider, now bool) { open.Store(now) })
	for range 20 {
		_, _ = hosts.Send(t.Context(), at("https://hostile.example/"))
	}
	if !open.Load() {
		t.Fatal("it is not left alone")
	}
	for i := range 3000 {
		_, _ = hosts.Send(t.Context(), at(fmt.Sprintf("https://%d.example/", i)))
	}
	if n := hosts.Known(); n > 1000 || open.Load() {
		t.Errorf("%d hosts are kept; one that was forgotten is left alone: %t", n, open.Load())
	}
	if _, err := hosts.Send(t.Context(), at("::no URL")); err != nil {
		t.Errorf("what has no host is the sender's to refuse: %v", err)
	}
}
