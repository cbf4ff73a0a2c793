package portstest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/idgen"
)

func announcement(by domain.UserID, key string, asks byte) domain.Announcement {
	d := draft("announced")
	return domain.Announcement{ID: d.EventID, By: by, Draft: d, Key: domain.IdempotencyKey{Value: key, Fingerprint: [32]byte{asks}}}
}

func announce(t *testing.T, s Stored, a domain.Announcement, users ...domain.UserID) (domain.Receipt, []domain.Notification) {
	t.Helper()
	receipt, fresh, err := s.Announce(t.Context(), a, to(a.Draft, users...))
	if err != nil {
		t.Fatalf("announce: %v", err)
	}
	return receipt, fresh
}

func announceOnce(t *testing.T, s Stored) {
	admin, ana, ben := newUser(), newUser(), newUser()
	first := announcement(admin, "key", 1)
	receipt, fresh := announce(t, s, first, ana, ben)
	if receipt != (domain.Receipt{ID: first.ID, Accepted: 2}) || len(fresh) != 2 {
		t.Errorf("receipt %+v, %d stored", receipt, len(fresh))
	}
	again, fresh := announce(t, s, announcement(admin, "key", 1), ana, ben)
	if again != receipt || len(fresh) != 0 {
		t.Errorf("the repeat gives %+v and stores %d, want %+v and 0", again, len(fresh), receipt)
	}
	if kept, found, err := s.Announced(t.Context(), admin, first.Key); err != nil || !found || kept != receipt {
		t.Errorf("it is remembered as %+v, %t, %v", kept, found, err)
	}
	other := announcement(admin, "key", 2)
	for by, key := range map[domain.UserID]domain.IdempotencyKey{admin: other.Key, ana: first.Key} {
		if _, found, err := s.Announced(t.Context(), by, key); err != nil || found {
			t.Errorf("another body or another's key is remembered: %t, %v", found, err)
		}
	}
	if _, _, err := s.Announce(t.Context(), other, to(other.Draft, ana)); !errors.Is(err, domain.ErrKeyReused) {
		t.Errorf("another body: %v, want ErrKeyReused", err)
	}
	wantUnread(t, s, ana, 1)
}

func announceKeys(t *testing.T, s Stored) {
	admin, boss, ana := newUser(), newUser(), newUser()
	for range 2 {
		announce(t, s, announcement(admin, "", 1), ana)
	}
	wantUnread(t, s, ana, 2) // no key: each is one of its own
	first, _ := announce(t, s, announcement(admin, "key", 1), ana)
	if receipt, fresh := announce(t, s, announcement(boss, "key", 2), ana); receipt.ID == first.ID || len(fresh) != 1 {
		t.Error("somebody else's key counts")
	}
	s.Age(t, 23*time.Hour)
	if receipt, _ := announce(t, s, announcement(admin, "key", 1), ana); receipt.ID != first.ID {
		t.Error("the key is forgotten before its day is over")
	}
	s.Age(t, 2*time.Hour)
	if _, found, err := s.Announced(t.Context(), admin, announcement(admin, "key", 1).Key); err != nil || found {
		t.Errorf("the key is remembered after a day: %t, %v", found, err)
	}
	if receipt, fresh := announce(t, s, announcement(admin, "key", 3), ana); receipt.ID == first.ID || len(fresh) != 1 {
		t.Error("the key still counts after a day")
	}
}

func announceAtOnce(t *testing.T, s Stored) {
	admin, ana := newUser(), newUser()
	key := idgen.NewV7()
	receipts := make([]domain.Receipt, writers)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			a := announcement(admin, key, 1)
			var err error
			if receipts[w], _, err = s.Announce(t.Context(), a, to(a.Draft, ana)); err != nil {
				t.Errorf("announce: %v", err)
			}
		})
	}
	group.Wait()
	for _, receipt := range receipts {
		if receipt != receipts[0] {
			t.Errorf("receipts differ: %+v and %+v", receipt, receipts[0])
		}
	}
	wantUnread(t, s, ana, 1)
}
