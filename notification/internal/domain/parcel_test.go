package domain_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func TestAParcelIsWantedUntilItExpires(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const fourWeeks = 28 * 24 * time.Hour
	for name, c := range map[string]struct {
		expires time.Duration // from now; 0: never
		expired bool
		ttl     time.Duration
	}{
		"never":             {0, false, fourWeeks},
		"in a minute":       {time.Minute, false, time.Minute},
		"in a year":         {365 * 24 * time.Hour, false, fourWeeks},
		"a nanosecond left": {1, false, 1},
		"a minute ago":      {-time.Minute, true, 0},
	} {
		var p domain.Parcel
		if c.expires != 0 {
			at := now.Add(c.expires)
			p.ExpiresAt = &at
		}
		if p.Expired(now) != c.expired || p.TTL(now) != c.ttl {
			t.Errorf("%s: expired %t, TTL %s", name, p.Expired(now), p.TTL(now))
		}
	}
	p := domain.Parcel{ExpiresAt: &now}
	if !p.Expired(now) {
		t.Error("it is still sent at the moment at which it expires")
	}
}

func TestEachProviderServesOneChannel(t *testing.T) {
	t.Parallel()
	for provider, want := range map[domain.Provider]domain.Channel{
		domain.FCM: domain.Push, domain.APNs: domain.Push, domain.WebPush: domain.Push,
		domain.Twilio: domain.SMS, domain.SMTP: domain.Email, "pigeon": "",
	} {
		if got := provider.Channel(); got != want || got.Known() != (want != "") {
			t.Errorf("%s serves %q, want %q", provider, got, want)
		}
	}
}
