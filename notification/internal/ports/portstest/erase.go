package portstest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
)

func erase(t *testing.T, s Stored, user domain.UserID) {
	t.Helper()
	if err := s.Erase(t.Context(), user); err != nil {
		t.Fatalf("erase: %v", err)
	}
}

func erased(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	entries := append(several(ana, 4), several(ben, 2)...)
	told := store(t, s, entries)
	hers := told[slices.IndexFunc(told, func(n domain.Notification) bool { return n.User == ana })]
	for range 2 { // the second time there is nothing, and that is fine
		erase(t, s, ana)
	}
	erase(t, s, newUser())
	if page := list(t, s, ana, domain.Filter{}, 0, 10); len(page.Items) != 0 || page.Unread != 0 {
		t.Errorf("left: %+v", page)
	}
	if backlog, err := s.Since(t.Context(), ana, 0, 4, 10); err != nil || len(backlog.Items) != 0 || backlog.Purged != 4 {
		t.Errorf("backlog %+v, %v; want nothing, and 4 purged", backlog, err)
	}
	if _, _, err := s.Mark(t.Context(), ana, hers.ID, domain.Read); !errors.Is(err, domain.ErrNotificationNotFound) {
		t.Errorf("mark what was erased: %v", err)
	}
	if page := list(t, s, ben, domain.Filter{}, 0, 10); len(page.Items) != 2 || page.Unread != 2 {
		t.Errorf("somebody else has %+v", page)
	}
}

func toldAfterErasure(t *testing.T, s Stored) {
	ana, ben, cleo := newUser(), newUser(), newUser()
	d := draft("before")
	store(t, s, to(d, ana, ben))
	erase(t, s, ana)
	erase(t, s, cleo)
	for _, again := range []domain.Draft{d, draft("after")} {
		for _, n := range store(t, s, to(again, ana, ben, cleo)) {
			if n.User != ben {
				t.Errorf("%q is told to somebody who was erased", n.Title)
			}
		}
	}
	wantUnread(t, s, ana, 0)
	wantUnread(t, s, ben, 2)
	wantUnread(t, s, cleo, 0)
}

// erasedWithQueues: what is planned, on its way or scheduled goes too.
func erasedWithQueues(t *testing.T, s Queues) {
	ana, ben := newUser(), newUser()
	planned(t, s, followed(ana, domain.Critical, domain.Push))
	queued(t, s, followed(ana, domain.High, domain.Push))
	scheduled(t, s, time.Minute, nil, ana, ben)
	if err := s.Erase(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	s.Pass(t, 2*time.Minute)
	claimPlans(t, s, true, 0)
	claimWorks(t, s, fcm, 0)
	released, fresh := release(t, s)
	if released == nil || !slices.Equal(released.Draft.Users, []domain.UserID{ben}) || len(fresh) != 1 || fresh[0].User != ben {
		t.Errorf("released %+v, %+v; want ben's only", released, fresh)
	}
}
