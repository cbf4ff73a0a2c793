package portstest

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/auth/internal/domain"
)

// Revocations holds the store against what is promised of the feed.
func Revocations(t *testing.T, open func(t *testing.T) Subject) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, Subject){
		"an ending ends and revokes what it chooses and nothing else": endsWhatItChooses,
		"what has ended is not ended again":                           endsOnce,
		"the feed has every revocation once, in order, page by page":  feedPages,
		"an empty feed stands at its beginning":                       emptyFeed,
		"revisions are contiguous however many revoke at once":        contiguous,
		"a reader that polls while others revoke misses nothing":      readerMissesNothing,
		"what is older than asked for is left out":                    tooOld,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func after(t *testing.T, s Store, revision int64, limit int) domain.RevocationPage {
	t.Helper()
	page, err := s.After(t.Context(), revision, 0, limit)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func sessionsOf(items []domain.Revocation) []domain.SessionID {
	var ids []domain.SessionID
	for _, item := range items {
		ids = append(ids, item.Session)
	}
	slices.Sort(ids)
	return ids
}

func endsWhatItChooses(t *testing.T, s Subject) {
	for name, choose := range map[string]func(user domain.UserID, one, two, three domain.SessionID) (domain.Ending, []domain.SessionID){
		"one": func(user domain.UserID, one, _, _ domain.SessionID) (domain.Ending, []domain.SessionID) {
			return domain.Ending{User: user, Only: one}, []domain.SessionID{one}
		},
		"all but one": func(user domain.UserID, one, two, three domain.SessionID) (domain.Ending, []domain.SessionID) {
			return domain.Ending{User: user, Except: two}, []domain.SessionID{one, three}
		},
		"all": func(user domain.UserID, one, two, three domain.SessionID) (domain.Ending, []domain.SessionID) {
			return domain.Ending{User: user}, []domain.SessionID{one, two, three}
		},
		"somebody else's": func(_ domain.UserID, one, _, _ domain.SessionID) (domain.Ending, []domain.SessionID) {
			return domain.Ending{User: domain.UserID(newID()), Only: one}, nil
		},
	} {
		user := joined(t, s.Store).ID
		ids := []domain.SessionID{opened(t, s.Store, user).ID, opened(t, s.Store, user).ID, opened(t, s.Store, user).ID}
		ending, want := choose(user, ids[0], ids[1], ids[2])
		if diff := cmp.Diff(want, sessionsOf(ended(t, s.Store, ending))); diff != "" {
			t.Errorf("%s: revoked: %s", name, diff)
		}
		for _, id := range ids {
			got, _, err := s.Store.Owned(t.Context(), id)
			if err != nil || got.EndedAt.IsZero() == slices.Contains(want, id) {
				t.Errorf("%s: %v ended at %v", name, err, got.EndedAt)
			}
		}
	}
}

func endsOnce(t *testing.T, s Subject) {
	user := joined(t, s.Store).ID
	opened(t, s.Store, user)
	if n := len(ended(t, s.Store, domain.Ending{User: user})); n != 1 {
		t.Fatalf("%d revocations", n)
	}
	if again := ended(t, s.Store, domain.Ending{User: user}); len(again) != 0 {
		t.Fatalf("again: %+v", again)
	}
	if page := after(t, s.Store, 0, 10); page.Revision != 1 || len(page.Items) != 1 {
		t.Fatalf("%+v", page)
	}
}

func emptyFeed(t *testing.T, s Subject) {
	if page := after(t, s.Store, 0, 10); page.Revision != 0 || len(page.Items) != 0 || page.More {
		t.Fatalf("%+v", page)
	}
	user := joined(t, s.Store).ID
	opened(t, s.Store, user)
	ended(t, s.Store, domain.Ending{User: user})
	for _, since := range []int64{1, 7} { // at the end, and of a database that has been replaced by an older one
		if page := after(t, s.Store, since, 10); page.Revision != 1 || len(page.Items) != 0 || page.More {
			t.Fatalf("after %d: %+v", since, page)
		}
	}
}

func feedPages(t *testing.T, s Subject) {
	user := joined(t, s.Store).ID
	var want []domain.Revocation
	for range 3 {
		opened(t, s.Store, user)
		opened(t, s.Store, user)
		want = append(want, ended(t, s.Store, domain.Ending{User: user})...)
	}
	var got []domain.Revocation
	for revision, more := int64(0), true; more; {
		page := after(t, s.Store, revision, 4)
		got = append(got, page.Items...)
		revision, more = page.Revision, page.More
		if last := got[len(got)-1].Revision; last != revision {
			t.Fatalf("a page of %d says %d", last, revision)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	for i, item := range got {
		if item.Revision != int64(i)+1 || item.User != user || !item.Before.IsZero() || time.Since(item.At).Abs() > time.Minute {
			t.Errorf("%+v", item)
		}
	}
}

func contiguous(t *testing.T, s Subject) {
	const users, each = 10, 3
	var all []domain.UserID
	for range users {
		user := joined(t, s.Store).ID
		for range each {
			opened(t, s.Store, user)
		}
		all = append(all, user)
	}
	atOnce(users, func(i int) { ended(t, s.Store, domain.Ending{User: all[i]}) })
	page := after(t, s.Store, 0, 1000)
	for i, item := range page.Items {
		if item.Revision != int64(i)+1 {
			t.Fatalf("revision %d stands at %d", item.Revision, i+1)
		}
	}
	if len(page.Items) != users*each || page.Revision != users*each {
		t.Fatalf("%d items up to %d", len(page.Items), page.Revision)
	}
}

func readerMissesNothing(t *testing.T, s Subject) {
	const users = 20
	want := map[domain.SessionID]bool{}
	var all []domain.UserID
	for range users {
		user := joined(t, s.Store).ID
		want[opened(t, s.Store, user).ID] = true
		all = append(all, user)
	}
	got := map[domain.SessionID]bool{}
	atOnce(users+1, func(i int) {
		if i < users {
			ended(t, s.Store, domain.Ending{User: all[i]})
			return
		}
		for revision, deadline := int64(0), time.Now().Add(20*time.Second); len(got) < users && time.Now().Before(deadline); {
			page, err := s.Store.After(t.Context(), revision, 0, 3)
			if err != nil {
				t.Error(err)
				return
			}
			for _, item := range page.Items {
				got[item.Session] = true
			}
			revision = page.Revision
		}
	})
	if !maps.Equal(want, got) {
		t.Fatalf("%d of %d were seen", len(got), len(want))
	}
}

func tooOld(t *testing.T, s Subject) {
	user := joined(t, s.Store).ID
	opened(t, s.Store, user)
	ended(t, s.Store, domain.Ending{User: user})
	if page, err := s.Store.After(t.Context(), 0, time.Hour, 10); err != nil || len(page.Items) != 1 || page.Revision != 1 {
		t.Errorf("at most an hour old: %+v %v", page, err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		page, err := s.Store.After(t.Context(), 0, time.Millisecond, 10)
		if err != nil || page.Revision != 1 {
			t.Fatalf("%+v %v", page, err)
		}
		if len(page.Items) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it never gets older than a millisecond")
		}
	}
}
