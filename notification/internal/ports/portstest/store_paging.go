package portstest

import (
	"sync"
	"testing"

	"github.com/loveapp/backend/notification/internal/domain"
)

// pagesWhileWriting reads an inbox page by page while entries come, are read and
// are deleted: what was there all the time is on exactly one page.
func pagesWhileWriting(t *testing.T, s Stored) {
	const there, more, limit = 40, 40, 7
	ana := newUser()
	store(t, s, several(ana, there))
	var writing sync.WaitGroup
	writing.Go(func() {
		for range more {
			fresh, err := s.Insert(t.Context(), several(ana, 2))
			if err != nil || len(fresh) != 2 {
				t.Errorf("insert: %d, %v", len(fresh), err)
				return
			}
			for i, kind := range []domain.ChangeKind{domain.Read, domain.Deleted} {
				if _, _, err := s.Mark(t.Context(), ana, fresh[i].ID, kind); err != nil {
					t.Errorf("mark: %v", err)
				}
			}
		}
	})
	for range 5 {
		wantOnce(t, readThrough(t, s, ana, limit), there)
	}
	writing.Wait()
	if all := readThrough(t, s, ana, limit); len(all) != there+more {
		t.Errorf("%d entries at the end, want %d", len(all), there+more)
	}
	wantUnread(t, s, ana, there)
}

func readThrough(t *testing.T, s Stored, user domain.UserID, limit int) (all []domain.Notification) {
	t.Helper()
	page := list(t, s, user, domain.Filter{}, 0, limit)
	for all = page.Items; page.Next > 0; all = append(all, page.Items...) {
		page = list(t, s, user, domain.Filter{}, page.Next, limit)
	}
	return all
}

// wantOnce: the newest first, and each of the first seqs is among them.
func wantOnce(t *testing.T, all []domain.Notification, first int) {
	t.Helper()
	old := 0
	for i, n := range all {
		if i > 0 && n.Seq >= all[i-1].Seq {
			t.Errorf("seq %d stands behind %d", n.Seq, all[i-1].Seq)
		}
		if n.Seq <= domain.Seq(first) {
			old++
		}
	}
	if old != first {
		t.Errorf("%d of %d that were there all the time are on the pages", old, first)
	}
}
