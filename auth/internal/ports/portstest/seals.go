package portstest

import (
	"errors"
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
			found, more, err := s.Store.Recompute(t.Context(), last)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			if !found.Holds() || found.Kept.Number != last.Number+1 {
				t.Fatalf("%+v", found)
			}
			last, events = found.Kept, events+found.Kept.Events
		}
		if seals < pieces || events != pieces*each {
			t.Fatalf("%d seals of %d events", seals, events)
		}
	})
	t.Run("origins are erased with their person, and the chain holds", func(t *testing.T) {
		t.Parallel()
		s := open(t)
		ana, root := joined(t, s.Store).ID, joined(t, s.Store).ID
		supervised := event(domain.AuditSupervised, ana) // Root's address, not Ana's
		supervised.Data = map[string]any{"by": string(root)}
		bare := event(domain.AuditSignedIn, ana)
		bare.Origin = domain.Origin{}
		for _, e := range []domain.AuditEvent{event(domain.AuditSignedIn, ana), event(domain.AuditSignedIn, root), supervised, bare} {
			change(t, s.Store, func(tx ports.Tx) error { return tx.Record(t.Context(), e) })
		}
		SealAll(t, s.Store, 4)
		change(t, s.Store, func(tx ports.Tx) error {
			erased := event(domain.AuditErased, ana)
			erased.Origin = domain.Origin{}
			return errors.Join(tx.Record(t.Context(), erased), tx.EraseAccount(t.Context(), ana, nil))
		})
		erasedOrigins := int64(0)
		for last, more := (domain.Seal{}), true; more; {
			var found domain.Recomputed
			var err error
			if found, more, err = s.Store.Recompute(t.Context(), last); err != nil || more && !found.Holds() {
				t.Fatalf("%+v %v", found, err)
			}
			last = found.Kept
			erasedOrigins += found.Origins.Erased
		}
		events, err := s.Store.Events(t.Context(), domain.AuditPage{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if kept := e.Origin != (domain.Origin{}); kept != (e.Person() == root) {
				t.Errorf("%s of %s: %+v", e.Kind, e.Person(), e.Origin)
			}
		}
		if erasedOrigins != 1 {
			t.Errorf("%d erased", erasedOrigins)
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
