package app_test

import (
	"testing"
	"testing/synctest"
	"time"

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

func TestARepeatHasTheFirstAnswerAlthoughItHasExpiredSince(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		i := w.start(t, quick())
		defer i.stop()
		admin, ana, end := newUser(), newUser(), time.Now().Add(time.Second)
		announce := func(key string) (domain.Receipt, error) {
			return i.Announce(t.Context(), admin, domain.IdempotencyKey{Value: key}, domain.Proposal{Users: []string{string(ana)}, Title: "t", ExpiresAt: &end})
		}
		first, err := announce("k")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if again, err := announce("k"); err != nil || again != first {
			t.Errorf("the repeat is answered %+v, %v, want %+v", again, err, first)
		}
		for _, key := range []string{"", "l"} {
			if _, err := announce(key); err == nil {
				t.Errorf("with the key %q it is good although it has expired", key)
			}
		}
	})
}
