package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Seals holds the store against what is promised of the sealed record.
func Seals(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	t.Run("every event is sealed once, and the chain holds", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		const pieces, each = 3, 4
		for range pieces {
			for range each {
				change(t, s.Store, func(tx ports.Tx) error {
					return tx.Record(t.Context(), event(domain.AuditSignedIn, domain.UserID(newID())))
				})
			}
			SealAll(t, s.Store, each)
		}
		if _, sealed, err := s.Store.SealNext(t.Context()); err != nil || sealed {
			t.Errorf("what is sealed already: %v %v", sealed, err)
		}
		seals, events := 0, int64(0)
		for last := (domain.Seal{}); ; seals++ {
			kept, now, more, err := s.Store.Recompute(t.Context(), last)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			if kept != now || kept.Number != last.Number+1 {
				t.Fatalf("kept %+v, now %+v", kept, now)
			}
			last, events = kept, events+kept.Events
		}
		if seals < pieces || events != pieces*each {
			t.Fatalf("%d seals of %d events", seals, events)
		}
	})
}

// SealAll waits until n more events are sealed: in a database that others use
// too, a transaction of theirs may hold the horizon back for a moment.
func SealAll(t *testing.T, s ports.Seals, n int64) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for sealed := int64(0); sealed < n; {
		seal, ok, err := s.SealNext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			sealed += seal.Events
			continue
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d of %d events are sealed", sealed, n)
		}
	}
}
