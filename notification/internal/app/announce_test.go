package app_test

import (
	"testing"

	"github.com/loveapp/backend/notification/internal/adapters/memory"
	"github.com/loveapp/backend/notification/internal/domain"
)

func TestARepeatAfterAFailoverThatLostTheFirstIsTheSameAnnouncement(t *testing.T) {
	t.Parallel()
	w := newTown()
	admin, ana := newUser(), newUser()
	key := domain.IdempotencyKey{Value: "k", Fingerprint: [32]byte{1}}
	announce := func(store *memory.Store, key domain.IdempotencyKey) (string, domain.NotificationID) {
		i := w.startOn(t, store, quick())
		defer i.stop()
		receipt, err := i.Announce(t.Context(), admin, key, domain.Proposal{Users: []string{string(ana)}, Title: "t"})
		if err != nil {
			t.Fatal(err)
		}
		page, err := store.List(t.Context(), ana, domain.Filter{}, 0, 10)
		if err != nil || len(page.Items) == 0 {
			t.Fatalf("%d are in the inbox, %v", len(page.Items), err)
		}
		return receipt.ID, page.Items[0].ID
	}
	first, told := announce(memory.NewStore(w.clock.now), key)
	promoted := memory.NewStore(w.clock.now) // it has heard of nothing
	if again, same := announce(promoted, key); again != first || same != told {
		t.Errorf("announced as %s and %s, told as %s and %s", first, again, told, same)
	}
	other := key
	other.Value = "l"
	if id, _ := announce(promoted, other); id == first {
		t.Error("another key has the same id")
	}
}
