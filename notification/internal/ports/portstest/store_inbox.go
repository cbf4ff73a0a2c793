package portstest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/shared/idgen"
)

func listInPages(t *testing.T, s Stored) {
	ana := newUser()
	if page := list(t, s, ana, domain.Filter{}, 0, 3); len(page.Items) != 0 || page.Next != 0 || page.Unread != 0 {
		t.Errorf("an inbox that nothing came to: %+v", page)
	}
	store(t, s, several(ana, 7))
	first := list(t, s, ana, domain.Filter{}, 0, 3)
	wantSeqs(t, first.Items, 7, 6, 5)
	second := list(t, s, ana, domain.Filter{}, first.Next, 3)
	wantSeqs(t, second.Items, 4, 3, 2)
	last := list(t, s, ana, domain.Filter{}, second.Next, 3)
	wantSeqs(t, last.Items, 1)
	if last.Next != 0 || first.Unread != 7 || last.Unread != 7 {
		t.Errorf("the end: next %d, unread %d and %d", last.Next, first.Unread, last.Unread)
	}
	if exact := list(t, s, ana, domain.Filter{}, 4, 3); exact.Next != 0 {
		t.Errorf("a page that ends with the list points to %d", exact.Next)
	}
}

func listFiltered(t *testing.T, s Stored) {
	ana := newUser()
	entries := several(ana, 6)
	for i, e := range entries {
		if i%2 == 0 {
			e.Draft.Category = domain.SOS
		}
	}
	stored := store(t, s, entries)
	if _, _, err := s.Mark(t.Context(), ana, stored[2].ID, domain.Read); err != nil {
		t.Fatal(err)
	}
	wantSeqs(t, list(t, s, ana, domain.Filter{Category: domain.SOS}, 0, 10).Items, 5, 3, 1)
	wantSeqs(t, list(t, s, ana, domain.Filter{UnreadOnly: true}, 0, 10).Items, 6, 5, 4, 2, 1)
	both := list(t, s, ana, domain.Filter{UnreadOnly: true, Category: domain.SOS}, 0, 1)
	wantSeqs(t, both.Items, 5)
	if both.Next != 5 || both.Unread != 5 {
		t.Errorf("next %d, unread %d, want 5 and 5: the count is of the whole inbox", both.Next, both.Unread)
	}
	wantSeqs(t, list(t, s, ana, domain.Filter{Category: domain.Donation}, 0, 10).Items)
}

func inboxesApart(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	hers := store(t, s, several(ana, 2))
	store(t, s, several(ben, 1))
	wantSeqs(t, list(t, s, ben, domain.Filter{}, 0, 10).Items, 1)
	for _, kind := range []domain.ChangeKind{domain.Read, domain.Unread, domain.Deleted} {
		if _, _, err := s.Mark(t.Context(), ben, hers[0].ID, kind); !errors.Is(err, domain.ErrNotificationNotFound) {
			t.Errorf("%s: %v, want not found", kind, err)
		}
	}
	wantUnread(t, s, ana, 2)
	wantUnread(t, s, ben, 1)
}

func marks(t *testing.T, s Stored) {
	ana := newUser()
	stored := store(t, s, several(ana, 3))
	steps := []struct {
		of      int
		kind    domain.ChangeKind
		changed bool
		unread  int
	}{
		{0, domain.Unread, false, 3},
		{0, domain.Read, true, 2},
		{0, domain.Read, false, 2},
		{0, domain.Unread, true, 3},
		{0, domain.Read, true, 2},
		{0, domain.Deleted, true, 2}, // read already: not counted again
		{1, domain.Deleted, true, 1},
	}
	for i, step := range steps {
		changed, unread, err := s.Mark(t.Context(), ana, stored[step.of].ID, step.kind)
		if err != nil || changed != step.changed || unread != step.unread {
			t.Errorf("step %d (%s): changed %t, unread %d, %v; want %t, %d", i, step.kind, changed, unread, err, step.changed, step.unread)
		}
	}
	page := list(t, s, ana, domain.Filter{}, 0, 10)
	wantSeqs(t, page.Items, 3)
	if page.Unread != 1 {
		t.Errorf("unread %d, want 1", page.Unread)
	}
	if _, _, err := s.Mark(t.Context(), ana, stored[2].ID, domain.Read); err != nil {
		t.Fatal(err)
	}
	if n := list(t, s, ana, domain.Filter{}, 0, 10).Items[0]; n.ReadAt == nil || time.Since(*n.ReadAt).Abs() > time.Hour {
		t.Errorf("read at %v", n.ReadAt)
	}
}

func marksOfNothing(t *testing.T, s Stored) {
	ana := newUser()
	gone := store(t, s, several(ana, 1))[0].ID
	if _, _, err := s.Mark(t.Context(), ana, gone, domain.Deleted); err != nil {
		t.Fatal(err)
	}
	for name, id := range map[string]domain.NotificationID{"unknown": domain.NotificationID(idgen.NewV7()), "deleted": gone} {
		for _, kind := range []domain.ChangeKind{domain.Read, domain.Unread, domain.Deleted} {
			if _, _, err := s.Mark(t.Context(), ana, id, kind); !errors.Is(err, domain.ErrNotificationNotFound) {
				t.Errorf("%s %s: %v, want not found", name, kind, err)
			}
		}
	}
	if _, _, err := s.Mark(t.Context(), newUser(), gone, domain.Read); !errors.Is(err, domain.ErrNotificationNotFound) {
		t.Errorf("of a user without an inbox: %v, want not found", err)
	}
}

func marksAtOnce(t *testing.T, s Stored) {
	ana := newUser()
	stored := store(t, s, several(ana, 5))
	var changes atomic.Int32
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for _, n := range stored {
				changed, _, err := s.Mark(t.Context(), ana, n.ID, domain.Read)
				if err != nil {
					t.Errorf("mark: %v", err)
				}
				if changed {
					changes.Add(1)
				}
			}
			if _, _, err := s.MarkAllRead(t.Context(), ana); err != nil {
				t.Errorf("mark all: %v", err)
			}
		})
	}
	group.Wait()
	if changes.Load() > 5 {
		t.Errorf("%d changes of 5 entries", changes.Load())
	}
	wantUnread(t, s, ana, 0)
}

func markAll(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	stored := store(t, s, append(several(ana, 4), several(ben, 1)...))
	if _, _, err := s.Mark(t.Context(), ana, stored[1].ID, domain.Read); err != nil {
		t.Fatal(err)
	}
	ids, unread, err := s.MarkAllRead(t.Context(), ana)
	if err != nil || unread != 0 || len(ids) != 3 || ids[0] != stored[0].ID || ids[1] != stored[2].ID || ids[2] != stored[3].ID {
		t.Errorf("marked %v, unread %d, %v", ids, unread, err)
	}
	if ids, unread, err := s.MarkAllRead(t.Context(), ana); err != nil || len(ids) != 0 || unread != 0 {
		t.Errorf("again: %v, %d, %v", ids, unread, err)
	}
	if ids, unread, err := s.MarkAllRead(t.Context(), newUser()); err != nil || len(ids) != 0 || unread != 0 {
		t.Errorf("without an inbox: %v, %d, %v", ids, unread, err)
	}
	wantUnread(t, s, ben, 1)
}

func since(t *testing.T, s Stored, user domain.UserID, after, upTo domain.Seq, limit int) domain.Backlog {
	t.Helper()
	backlog, err := s.Since(t.Context(), user, after, upTo, limit)
	if err != nil {
		t.Fatalf("since: %v", err)
	}
	return backlog
}

func backlog(t *testing.T, s Stored) {
	ana := newUser()
	stored := store(t, s, several(ana, 9))
	for _, seq := range []int{2, 5, 9} {
		if _, _, err := s.Mark(t.Context(), ana, stored[seq-1].ID, domain.Deleted); err != nil {
			t.Fatal(err)
		}
	}
	first := since(t, s, ana, 0, 9, 3)
	wantSeqs(t, first.Items, 1, 3, 4)
	if first.Through != 4 {
		t.Errorf("through %d, want 4: there is more", first.Through)
	}
	rest := since(t, s, ana, first.Through, 9, 10)
	wantSeqs(t, rest.Items, 6, 7, 8)
	if rest.Through != 9 {
		t.Errorf("through %d, want 9: what is left was deleted", rest.Through)
	}
	wantSeqs(t, since(t, s, ana, 3, 7, 10).Items, 4, 6, 7)
	if none := since(t, s, ana, 8, 9, 10); len(none.Items) != 0 || none.Through != 9 {
		t.Errorf("only a deleted one: %+v", none)
	}
	if none := since(t, s, newUser(), 0, 5, 10); len(none.Items) != 0 || none.Through != 5 {
		t.Errorf("without an inbox: %+v", none)
	}
}

func newest(t *testing.T, s Stored) {
	ana, ben, cleo := newUser(), newUser(), newUser()
	stored := store(t, s, append(several(ana, 3), several(ben, 1)...))
	if _, _, err := s.Mark(t.Context(), ana, stored[2].ID, domain.Deleted); err != nil {
		t.Fatal(err)
	}
	marks, err := s.Newest(t.Context(), []domain.UserID{ana, cleo, ben})
	if err != nil {
		t.Fatal(err)
	}
	got := map[domain.UserID]domain.Seq{}
	for _, mark := range marks {
		got[mark.User] = mark.Newest
	}
	if len(got) != 2 || got[ana] != 3 || got[ben] != 1 {
		t.Errorf("newest %v, want ana 3 (deleted or not) and ben 1", got)
	}
}

func acks(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	stored := store(t, s, append(several(ana, 5), several(ben, 1)...))
	if err := s.AckThrough(t.Context(), ana, 2); err != nil {
		t.Fatal(err)
	}
	cleo := newUser()
	hers := store(t, s, several(cleo, 2))
	shown := []domain.Ack{
		{User: cleo, ID: hers[1].ID},
		{User: ana, ID: stored[3].ID},
		{User: ana, ID: stored[5].ID},
		{User: ana, ID: domain.NotificationID(idgen.NewV7())},
		{User: ana, ID: stored[3].ID}, // by two devices at once
	}
	for range 2 { // the second time changes nothing and is no error
		if err := s.AckIDs(t.Context(), shown); err != nil {
			t.Fatal(err)
		}
	}
	for seq, want := range map[domain.Seq]bool{1: true, 2: true, 3: false, 4: true, 5: false} {
		if got := s.Acked(t, ana, seq); got != want {
			t.Errorf("seq %d: acked %t, want %t", seq, got, want)
		}
	}
	if s.Acked(t, ben, 1) {
		t.Error("ana's ack counts for ben's")
	}
	if s.Acked(t, cleo, 1) || !s.Acked(t, cleo, 2) {
		t.Error("cleo's ack is not the one that was given beside ana's")
	}
	wantUnread(t, s, ana, 5) // shown is not read
}

func expiry(t *testing.T, s Stored) {
	ana := newUser()
	soon := time.Now().Add(2 * time.Second) // time enough to mark one before
	entries := several(ana, 4)
	entries[1].Draft.ExpiresAt, entries[3].Draft.ExpiresAt = &soon, &soon
	stored := store(t, s, entries)
	if _, _, err := s.Mark(t.Context(), ana, stored[3].ID, domain.Read); err != nil {
		t.Fatal(err)
	}
	eventually.True(t, "the expired ones leave the list", func() bool {
		return len(list(t, s, ana, domain.Filter{}, 0, 10).Items) == 2
	})
	wantUnread(t, s, ana, 2)
	wantSeqs(t, since(t, s, ana, 0, 4, 10).Items, 1, 3)
	if _, _, err := s.Mark(t.Context(), ana, stored[1].ID, domain.Unread); !errors.Is(err, domain.ErrNotificationNotFound) {
		t.Errorf("marking an expired one: %v, want not found", err)
	}
	for _, want := range []int{1, 1, 0} {
		if n, err := s.Expire(t.Context(), 1); err != nil || n != want {
			t.Errorf("expired %d, %v; want %d", n, err, want)
		}
	}
	wantUnread(t, s, ana, 2)
	if again := store(t, s, []domain.Entry{entries[1]}); len(again) != 0 {
		t.Errorf("an expired event came back: %v", again)
	}
}
