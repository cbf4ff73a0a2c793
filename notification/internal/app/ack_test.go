package app_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/idgen"
)

// notebook is a store that remembers what it was asked to note, in which batches.
type notebook struct {
	ports.Store

	mu      sync.Mutex
	batches [][]domain.Ack
	failing error
}

func (n *notebook) AckIDs(_ context.Context, acks []domain.Ack) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.failing != nil {
		return n.failing
	}
	n.batches = append(n.batches, acks)
	return nil
}

func (n *notebook) AckThrough(ctx context.Context, user domain.UserID, seq domain.Seq) error {
	return n.AckIDs(ctx, []domain.Ack{{User: user, ID: domain.NotificationID(strconv.FormatInt(int64(seq), 10))}})
}

func (n *notebook) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failing = err
}

func (n *notebook) noted() [][]domain.Ack {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.batches)
}

// onNotebook runs a test on moved clocks.
func onNotebook(t *testing.T, test func(*testing.T, *notebook, *instance)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		n := &notebook{Store: w.store}
		i := w.startOn(t, n, quick())
		defer i.stop()
		test(t, n, i)
	})
}

func TestAcksOfManyDevicesAreNotedTogether(t *testing.T) {
	t.Parallel()
	onNotebook(t, func(t *testing.T, n *notebook, i *instance) {
		const devices = 100
		for range devices {
			if err := i.connect(newUser()).session.AckIDs(t.Context(), []domain.NotificationID{domain.NotificationID(idgen.NewV7())}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(50 * time.Millisecond)
		if batches := n.noted(); len(batches) != 1 || len(batches[0]) != devices {
			t.Errorf("noted in %d batches, the first of %d, want one of %d", len(batches), len(batches[0]), devices)
		}
	})
}

func TestAnAckByRequestReturnsWhenItIsNoted(t *testing.T) {
	t.Parallel()
	onNotebook(t, func(t *testing.T, n *notebook, i *instance) {
		if err := i.AckIDs(t.Context(), newUser(), []domain.NotificationID{"a", "b"}); err != nil {
			t.Fatal(err)
		}
		if batches := n.noted(); len(batches) != 1 || len(batches[0]) != 2 {
			t.Errorf("noted is %v", batches)
		}
	})
}

func TestAcksOutliveAStoreThatIsAwayForAMoment(t *testing.T) {
	t.Parallel()
	onNotebook(t, func(t *testing.T, n *notebook, i *instance) {
		n.fail(errors.New("away"))
		time.AfterFunc(time.Second, func() { n.fail(nil) })
		if err := i.AckIDs(t.Context(), newUser(), []domain.NotificationID{"a"}); err != nil {
			t.Errorf("after a second it is back, and the answer was %v", err)
		}
		n.fail(errors.New("away once more"))
		time.AfterFunc(time.Second, func() { n.fail(nil) })
		if err := i.connect(newUser()).session.AckThrough(t.Context(), 7); err != nil || len(n.noted()) != 2 {
			t.Errorf("of an ack by its seq %d are noted, and the answer was %v", len(n.noted())-1, err)
		}
		n.fail(errors.New("away for good"))
		if err := i.AckIDs(t.Context(), newUser(), []domain.NotificationID{"b"}); err == nil {
			t.Error("an ack that nobody has noted is said to be")
		}
		if got := i.Counters().AckFailures.Load(); got != 1 {
			t.Errorf("%d failures are counted, want 1", got)
		}
	})
}

func TestWhatWasShownBeforeTheEndIsStillNoted(t *testing.T) {
	t.Parallel()
	onNotebook(t, func(t *testing.T, n *notebook, i *instance) {
		if err := i.connect(newUser()).session.AckIDs(t.Context(), []domain.NotificationID{"a"}); err != nil {
			t.Fatal(err)
		}
		i.stop()
		if batches := n.noted(); len(batches) != 1 {
			t.Errorf("%d batches are noted, want 1", len(batches))
		}
	})
}
