package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// standby takes so long for its word, and counts how often it is asked.
type standby struct {
	*memory.Store
	takes time.Duration
	mu    sync.Mutex
	asked []int // how many presses at a time
	fail  error
}

func (s *standby) Confirm(ctx context.Context, presses []domain.PressID, changes ...domain.Change) (ports.Confirmed, error) {
	s.mu.Lock()
	s.asked = append(s.asked, len(presses)+len(changes))
	err := s.fail
	s.mu.Unlock()
	if err != nil {
		return ports.Confirmed{}, err
	}
	time.Sleep(s.takes)
	return s.Store.Confirm(ctx, presses, changes...)
}

func (s *standby) setFail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func (s *standby) rounds() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int(nil), s.asked...)
}

// guarded is a store with a standby, n presses in it, and the barrier before both.
func guarded(t *testing.T, n int) (*app.Barrier, *standby, []domain.PressID) {
	t.Helper()
	s := &standby{Store: memory.NewStore(time.Now)}
	s.SetStandby(true)
	ids := make([]domain.PressID, n)
	for i := range ids {
		ids[i] = domain.PressID(fmt.Sprint("press ", i))
		at := ports.PressAddress{ID: ids[i], Reporter: domain.UserID(fmt.Sprint("user ", i))}
		if _, err := s.Press(t.Context(), at, func(desk domain.Desk) (*domain.Case, bool, error) {
			taking, err := desk.Take(at.ID, domain.Press{Reporter: at.Reporter})
			return taking.Case, false, err
		}); err != nil {
			t.Fatal(err)
		}
	}
	barrier, err := app.NewBarrier(app.BarrierConfig{Confirmations: s, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	runUntilTheEnd(t, barrier.Run)
	synctest.Wait() // it knows of the standby
	return barrier, s, ids
}

// confirm gives the answer and how long it took.
func confirm(t *testing.T, b *app.Barrier, id domain.PressID) (domain.Durability, time.Duration) {
	t.Helper()
	begun := time.Now()
	got, err := b.Confirm(t.Context(), id)
	if err != nil {
		t.Error(err)
	}
	return got, time.Since(begun)
}

func TestAllWhoCallWhileTheStandbyIsAskedShareTheNextQuestion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, ids := guarded(t, 50)
		s.takes = 100 * time.Millisecond
		var group sync.WaitGroup
		for i, id := range ids {
			group.Go(func() {
				if got, took := confirm(t, b, id); got != domain.Replicated || took > 200*time.Millisecond {
					t.Errorf("press %d: %s after %v", i, got, took)
				}
			})
			if i == 0 {
				pass(10 * time.Millisecond) // the first is asked about alone
			}
		}
		group.Wait()
		if asked := s.rounds(); len(asked) != 2 || asked[0] != 1 || asked[1] != 49 {
			t.Errorf("asked about %v", asked)
		}
	})
}

func TestNobodyWaitsLongForAStandbyAndNotAtAllWhileItOwesAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, ids := guarded(t, 3)
		s.FreezeStandby(true)
		var group sync.WaitGroup
		group.Go(func() {
			if got, took := confirm(t, b, ids[0]); got != domain.Unconfirmed || took != 700*time.Millisecond {
				t.Errorf("the first: %s after %v", got, took)
			}
		})
		pass(500 * time.Millisecond)
		if got, took := confirm(t, b, ids[1]); got != domain.Unconfirmed || took != 200*time.Millisecond {
			t.Errorf("behind the first: %s after %v", got, took)
		}
		group.Wait()
		if got, took := confirm(t, b, ids[2]); got != domain.Unconfirmed || took != 0 {
			t.Errorf("while it is overdue: %s after %v", got, took)
		}
		pass(time.Minute)
		if got, took := confirm(t, b, ids[2]); got != domain.Unconfirmed || took != 0 {
			t.Errorf("a minute later: %s after %v", got, took)
		}
		s.FreezeStandby(false)
		pass(2 * time.Second) // the longest pause between two tries, and more
		if got, took := confirm(t, b, ids[0]); got != domain.Replicated || took != 0 {
			t.Errorf("when it goes on: %s after %v", got, took)
		}
	})
}

func TestAWordThatComesTooLateIsNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, ids := guarded(t, 1)
		s.takes = 700*time.Millisecond + 1
		if got, _ := confirm(t, b, ids[0]); got != domain.Unconfirmed {
			t.Errorf("got %s", got)
		}
	})
}

func TestAPressThatAnotherMachineDoesNotHaveIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, ids := guarded(t, 2)
		s.Lose(ids[0])
		if _, err := b.Confirm(t.Context(), ids[0]); !errors.Is(err, domain.ErrPressLost) {
			t.Errorf("got %v", err)
		}
		if got, _ := confirm(t, b, ids[1]); got != domain.Replicated {
			t.Errorf("the other: %s", got)
		}
	})
}

func TestAChangeThatAnotherMachineDoesNotHaveIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, _, ids := guarded(t, 1)
		opened := domain.Change{Ticket: domain.TicketID(ids[0]), Version: 1}
		if got, err := b.ConfirmChange(t.Context(), opened); got != domain.Replicated || err != nil {
			t.Errorf("%s (%v)", got, err)
		}
		opened.Version++
		if _, err := b.ConfirmChange(t.Context(), opened); !errors.Is(err, domain.ErrChangeLost) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAConnectionThatBreaksIsTriedAgainWhileThereIsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, ids := guarded(t, 1)
		s.setFail(errors.New("the connection was lost"))
		time.AfterFunc(300*time.Millisecond, func() { s.setFail(nil) })
		if got, took := confirm(t, b, ids[0]); got != domain.Replicated || took < 300*time.Millisecond {
			t.Errorf("%s after %v", got, took)
		}
		s.setFail(errors.New("and again"))
		if got, took := confirm(t, b, ids[0]); got != domain.Unconfirmed || took != 700*time.Millisecond {
			t.Errorf("%s after %v", got, took)
		}
	})
}

func TestAStandbyThatIsConfiguredOrTakenAwayIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, s, ids := guarded(t, 1)
		for _, tc := range []struct {
			named bool
			want  domain.Durability
		}{{false, domain.Local}, {true, domain.Replicated}, {false, domain.Local}} {
			s.SetStandby(tc.named)
			pass(time.Second)
			synctest.Wait()
			before := len(s.rounds())
			if got, _ := confirm(t, b, ids[0]); got != tc.want {
				t.Errorf("named %v: %s", tc.named, got)
			}
			if asked := len(s.rounds()) - before; asked > 0 && !tc.named {
				t.Error("nobody is there, and was asked")
			}
		}
	})
}

// forgetful loses the first press that it takes, as a machine that dies before its standby has heard of it.
type forgetful struct {
	*memory.Store
	lose sync.Once
}

func (f *forgetful) Press(ctx context.Context, at ports.PressAddress, take func(domain.Desk) (*domain.Case, bool, error)) (domain.Case, error) {
	c, err := f.Store.Press(ctx, at, take)
	f.lose.Do(func() { f.Lose(at.ID) })
	return c, err
}

func TestACallForHelpThatWasLostWithItsMachineIsTakenAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &forgetful{}
		h := newHouse(t, f)
		f.Store = h.store
		h.store.SetStandby(true)
		pass(time.Second)
		synctest.Wait()
		result, err := h.Trigger(t.Context(), "k", domain.Press{Reporter: "ann", Type: domain.Fire})
		if err != nil || result.Durability != domain.Replicated {
			t.Fatalf("%s (%v)", result.Durability, err)
		}
		if got, err := h.store.Ticket(t.Context(), result.Ticket.ID); err != nil || got.Ticket.Type != domain.Fire {
			t.Errorf("the ticket: %+v (%v)", got.Ticket, err)
		}
		if again := h.press("ann", "k"); again.ID != result.Ticket.ID {
			t.Errorf("another ticket for the same key: %s", again.ID)
		}
	})
}

func TestABarrierNeedsSomebodyToAsk(t *testing.T) {
	t.Parallel()
	if _, err := app.NewBarrier(app.BarrierConfig{}); err == nil {
		t.Error("made of nothing")
	}
}
