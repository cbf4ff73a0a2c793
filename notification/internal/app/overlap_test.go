package app_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// overlapping is a store in which a repair's page arrives after the client has
// resumed from further back.
type overlapping struct {
	ports.Store
	late chan struct{}
}

func (s *overlapping) Since(ctx context.Context, user domain.UserID, after, upTo domain.Seq, limit int) (domain.Backlog, error) {
	backlog, err := s.Store.Since(ctx, user, after, upTo, limit)
	switch after {
	case 2: // the repair
		<-s.late
	case 0: // the resume
		close(s.late)
		synctest.Wait() // for the repair to have done what it does with its page
	}
	return backlog, err
}

func TestARepairThatComesLateTakesNothingFromAResume(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ana := newUser()
		store := &overlapping{Store: w.store, late: make(chan struct{})}
		one, two := w.start(t, quick()), w.startOn(t, store, quick())
		one.notify(ana, domain.Medium)
		one.notify(ana, domain.Medium)
		socket := memory.NewSocket(100)
		session, err := two.Connect(t.Context(), principal(ana), socket)
		if err != nil {
			t.Fatal(err)
		}
		w.bus.Begin()
		one.notify(ana, domain.Medium) // lost
		synctest.Wait()
		w.bus.End()
		one.notify(ana, domain.Medium) // shows the gap
		synctest.Wait()
		if err := session.Resume(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if told := (&device{Socket: socket, session: session}).told(); told != "connected:2 1 2 3 4 resumed:4" {
			t.Errorf("told %s", told)
		}
		one.stop()
		two.stop()
	})
}
