package portstest

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

const oneDay = 24 * time.Hour

func purge(t *testing.T, s Stored) (purged int) {
	t.Helper()
	for {
		n, more, err := s.Purge(t.Context(), domain.DefaultRetention())
		if err != nil {
			t.Fatalf("purge: %v", err)
		}
		purged += n
		if !more {
			return purged
		}
	}
}

// done reads and acknowledges.
func done(t *testing.T, s Stored, user domain.UserID, n domain.Notification) {
	t.Helper()
	if _, _, err := s.Mark(t.Context(), user, n.ID, domain.Read); err != nil {
		t.Fatal(err)
	}
	if err := s.AckIDs(t.Context(), []domain.Ack{{User: user, ID: n.ID}}); err != nil {
		t.Fatal(err)
	}
}

func retention(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	stored := store(t, s, append(several(ana, 5), several(ben, 2)...))
	done(t, s, ana, stored[0])
	if _, _, err := s.Mark(t.Context(), ana, stored[1].ID, domain.Deleted); err != nil {
		t.Fatal(err)
	}
	done(t, s, ana, stored[3]) // behind one that is neither read nor shown
	if purged := purge(t, s); purged != 0 {
		t.Errorf("%d of today's went", purged)
	}
	s.Age(t, 91*oneDay)
	latest := store(t, s, several(ana, 1))
	if purged := purge(t, s); purged != 2 {
		t.Errorf("%d went after 91 days, want the two that were done with", purged)
	}
	left := since(t, s, ana, 0, latest[0].Seq, 10)
	wantSeqs(t, left.Items, 3, 4, 5, 6)
	if left.Purged != 2 || left.Through != 6 {
		t.Errorf("purged up to %d, through %d; want 2 and 6", left.Purged, left.Through)
	}
	wantUnread(t, s, ana, 3)
	wantSeqs(t, list(t, s, ana, domain.Filter{}, 0, 10).Items, 6, 5, 4, 3)
	if others := since(t, s, ben, 0, 2, 10); others.Purged != 0 || len(others.Items) != 2 {
		t.Errorf("ben's: %+v", others)
	}
	s.Age(t, 320*oneDay)
	if purged := purge(t, s); purged != 5 {
		t.Errorf("%d went after 411 days, want all that are that old", purged)
	}
	wantUnread(t, s, ana, 1)
	wantUnread(t, s, ben, 0)
	if gone := since(t, s, ben, 0, 2, 10); gone.Purged != 2 || gone.Through != 2 || len(gone.Items) != 0 {
		t.Errorf("an inbox of which nothing is left: %+v", gone)
	}
	wantSeqs(t, store(t, s, several(ben, 1)), 3)
}

func retentionWalksDaily(t *testing.T, s Stored) {
	ana := newUser()
	store(t, s, several(ana, 1))
	purge(t, s)
	s.Age(t, oneDay-time.Hour)
	s.Age(t, time.Minute) // not yet a day
	done(t, s, ana, since(t, s, ana, 0, 1, 1).Items[0])
	short := domain.Retention{Settled: time.Minute, All: time.Minute}
	if purged, _, err := s.Purge(t.Context(), short); purged != 0 || err != nil {
		t.Errorf("purged %d within the day, %v", purged, err)
	}
	s.Age(t, 2*time.Hour)
	if purged, _, err := s.Purge(t.Context(), short); purged != 1 || err != nil {
		t.Errorf("purged %d after a day, %v; want 1", purged, err)
	}
}
