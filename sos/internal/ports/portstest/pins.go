package portstest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/sos/internal/domain"
)

func pinTests() map[string]func(*testing.T, bench) {
	return map[string]func(*testing.T, bench){
		"a PIN is kept, replaced and taken away": pinKept,
		"tries at once are all counted":          pinTriesAtOnce,
		"a change that fails changes no PIN":     pinFailed,
	}
}

func (b bench) changePin(owner string, change func(p *domain.Pin, now time.Time)) domain.Pin {
	b.t.Helper()
	p, err := b.ChangePin(b.t.Context(), domain.UserID(owner), func(p *domain.Pin, now time.Time) error {
		change(p, now)
		return nil
	})
	if err != nil {
		b.t.Fatalf("change PIN: %v", err)
	}
	return p
}

func (b bench) pinIs(owner string, want domain.Pin) {
	b.t.Helper()
	got, err := b.Pin(b.t.Context(), domain.UserID(owner))
	if err != nil {
		b.t.Fatalf("read PIN: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Error(diff)
	}
}

func pinKept(_ *testing.T, b bench) {
	b.pinIs("ann", domain.Pin{})
	b.changePin("ann", func(p *domain.Pin, _ time.Time) { p.Set("first") })
	blocked := b.changePin("ann", func(p *domain.Pin, now time.Time) {
		for range 5 {
			_ = p.Try(now)
		}
	})
	if blocked.Tries != 5 || blocked.BlockedUntil == nil {
		b.t.Errorf("after five tries: %+v", blocked)
	}
	b.pinIs("ann", blocked)
	b.pinIs("ben", domain.Pin{})
	b.changePin("ann", func(p *domain.Pin, _ time.Time) { p.Set("second") })
	b.pinIs("ann", domain.Pin{Hash: "second"})
	b.changePin("ann", func(p *domain.Pin, _ time.Time) { *p = domain.Pin{} })
	b.pinIs("ann", domain.Pin{})
}

func pinTriesAtOnce(t *testing.T, b bench) {
	b.changePin("ann", func(p *domain.Pin, _ time.Time) { p.Set("hash") })
	var group sync.WaitGroup
	var mu sync.Mutex
	granted := 0
	for range 12 {
		group.Go(func() {
			_, err := b.ChangePin(t.Context(), "ann", func(p *domain.Pin, now time.Time) error { return p.Try(now) })
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				granted++
			case !errors.Is(err, domain.ErrPinDelayed):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if granted != 5 {
		t.Errorf("%d of 12 tries at once were granted", granted)
	}
}

func pinFailed(t *testing.T, b bench) {
	b.changePin("ann", func(p *domain.Pin, _ time.Time) { p.Set("hash") })
	refusal := errors.New("no")
	_, err := b.ChangePin(t.Context(), "ann", func(p *domain.Pin, _ time.Time) error {
		p.Set("other")
		return refusal
	})
	mustFail(t, err, refusal)
	b.pinIs("ann", domain.Pin{Hash: "hash"})
}
