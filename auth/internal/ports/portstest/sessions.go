package portstest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Sessions holds the store against what is promised of sessions.
func Sessions(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Subject){
		"a session is found with its user as it was opened":           ownedAsOpened,
		"a session that is not there is not found":                    noSession,
		"a session opens only for credentials that are still in use":  opensForCurrentCredentials,
		"a swap moves a session on from the generation that was seen": swapMovesOn,
		"of many swaps at once from one generation one succeeds":      oneSwapWins,
		"an ended session cannot be swapped":                          endedIsNotSwapped,
		"a banned user's session cannot be swapped":                   bannedIsNotSwapped,
		"live sessions come newest first, page by page":               livePages,
		"what has lain unused or lived for too long is not live":      liveLimits,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// atOnce runs n calls as close to each other as can be.
func atOnce(n int, call func(i int)) {
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	group.Wait()
}

func ownedAsOpened(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	want := opened(t, s.Store, a.ID)
	opened(t, s.Store, a.ID)
	got, user, err := s.Store.Owned(t.Context(), want.ID)
	if diff := cmp.Diff(want, got); err != nil || diff != "" || user != a.User {
		t.Fatalf("%v %s %+v", err, diff, user)
	}
}

func noSession(t *testing.T, s Subject) {
	if _, _, err := s.Store.Owned(t.Context(), domain.SessionID(newID())); !errors.Is(err, domain.ErrSessionNotFound) {
		t.Fatal(err)
	}
	if swapped, err := s.Store.Swap(t.Context(), 1, session(domain.UserID(newID()))); err != nil || swapped {
		t.Fatal(swapped, err)
	}
}

func opensForCurrentCredentials(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	refused := func(why string, fresh domain.Session, version int64) {
		t.Helper()
		err := s.Store.Change(t.Context(), func(tx ports.Tx) error { return tx.OpenSession(t.Context(), fresh, version) })
		if !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Errorf("%s: %v", why, err)
		}
		if _, _, err := s.Store.Owned(t.Context(), fresh.ID); !errors.Is(err, domain.ErrSessionNotFound) {
			t.Errorf("%s: it is there: %v", why, err)
		}
	}
	refused("an unknown user", session(domain.UserID(newID())), 1)
	s.SetCredentialVersion(t, a.ID, 2)
	refused("the password before", session(a.ID), 1)
	s.SetActive(t, a.ID, false)
	refused("a banned user", session(a.ID), 2)
	s.SetActive(t, a.ID, true)
	change(t, s.Store, func(tx ports.Tx) error { return tx.OpenSession(t.Context(), session(a.ID), 2) })
}

func swapMovesOn(t *testing.T, s Subject) {
	a := joined(t, s.Store)
	first := opened(t, s.Store, a.ID)
	next := first.Advanced(2, domain.Origin{IP: "198.51.100.9", UserAgent: "LoveApp/2.0"}, now().Add(time.Minute)).Rebound(domain.DeviceID(newID()))
	if swapped, err := s.Store.Swap(t.Context(), 1, next); err != nil || !swapped {
		t.Fatal(swapped, err)
	}
	if swapped, err := s.Store.Swap(t.Context(), 1, next.Advanced(9, next.Origin, now())); err != nil || swapped {
		t.Fatalf("a second time from the same generation: %v %v", swapped, err)
	}
	got, _, err := s.Store.Owned(t.Context(), first.ID)
	if diff := cmp.Diff(next, got); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
}

func oneSwapWins(t *testing.T, s Subject) {
	first := opened(t, s.Store, joined(t, s.Store).ID)
	var won atomic.Int32
	atOnce(50, func(int) {
		swapped, err := s.Store.Swap(t.Context(), 1, first.Advanced(2, first.Origin, now()))
		if err != nil {
			t.Error(err)
		}
		if swapped {
			won.Add(1)
		}
	})
	if won.Load() != 1 {
		t.Fatalf("%d swaps succeeded", won.Load())
	}
}

func endedIsNotSwapped(t *testing.T, s Subject) {
	first := opened(t, s.Store, joined(t, s.Store).ID)
	ended(t, s.Store, domain.Ending{User: first.UserID, Only: first.ID})
	if swapped, err := s.Store.Swap(t.Context(), 1, first.Advanced(2, first.Origin, now())); err != nil || swapped {
		t.Fatal(swapped, err)
	}
	if got, _, err := s.Store.Owned(t.Context(), first.ID); err != nil || got.EndedAt.IsZero() || got.Generation != 1 {
		t.Fatalf("%+v %v", got, err)
	}
}

func bannedIsNotSwapped(t *testing.T, s Subject) {
	first := opened(t, s.Store, joined(t, s.Store).ID)
	s.SetActive(t, first.UserID, false)
	if swapped, err := s.Store.Swap(t.Context(), 1, first.Advanced(2, first.Origin, now())); err != nil || swapped {
		t.Fatal(swapped, err)
	}
}

func livePages(t *testing.T, s Subject) {
	a, other := joined(t, s.Store), joined(t, s.Store)
	opened(t, s.Store, other.ID)
	oldest, gone, middle, newest := opened(t, s.Store, a.ID), opened(t, s.Store, a.ID), opened(t, s.Store, a.ID), opened(t, s.Store, a.ID)
	ended(t, s.Store, domain.Ending{User: a.ID, Only: gone.ID})
	page := domain.LiveSessions(a.ID, domain.RoleUser, now())
	page.Limit = 2
	got, err := s.Store.Live(t.Context(), page)
	if diff := cmp.Diff([]domain.Session{newest, middle}, got); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
	page.Below = middle.ID
	got, err = s.Store.Live(t.Context(), page)
	if diff := cmp.Diff([]domain.Session{oldest}, got); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
}

func liveLimits(t *testing.T, s Subject) {
	first := opened(t, s.Store, joined(t, s.Store).ID)
	for role, spans := range map[domain.Role][2]time.Duration{
		domain.RoleUser:  {399 * 24 * time.Hour, 401 * 24 * time.Hour},
		domain.RoleAdmin: {11 * time.Hour, 13 * time.Hour},
	} {
		for i, after := range spans {
			page := domain.LiveSessions(first.UserID, role, now().Add(after))
			page.Limit = 1
			if got, err := s.Store.Live(t.Context(), page); err != nil || len(got) != 1-i {
				t.Errorf("%s after %s: %v %v", role, after, got, err)
			}
		}
	}
	page := domain.LiveSessions(first.UserID, domain.RoleAdmin, now().Add(31*24*time.Hour))
	page.Limit, page.UsedAfter = 1, now().Add(-time.Hour) // used just now, but opened a month ago
	if got, err := s.Store.Live(t.Context(), page); err != nil || len(got) != 0 {
		t.Errorf("an administrator's session of 31 days: %v %v", got, err)
	}
}
