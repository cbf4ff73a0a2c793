package portstest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

// Stored is a store to test, and what only its maker can do with it.
type Stored struct {
	ports.Store
	// Acked tells whether a device has shown the notification.
	Acked func(t *testing.T, user domain.UserID, seq domain.Seq) bool
	// Age makes all that there is look older.
	Age func(t *testing.T, by time.Duration)
}

// Store tests an adapter of ports.Store.
func Store(t *testing.T, open func(*testing.T) Stored) {
	t.Helper()
	run(t, open, map[string]func(*testing.T, Stored){
		"each user's seqs count from 1 in the order given":            seqsCount,
		"an event reaches a user once":                                eventsOnce,
		"an event does not come back after it was deleted":            deletedStaysDeleted,
		"batches that meet leave no gap and no duplicate":             batchesMeet,
		"whoever sees a seq sees all before it":                       seqsBecomeVisibleInOrder,
		"what was stored is read as it was":                           storedAsGiven,
		"a list is newest first, in pages":                            listInPages,
		"a list can be filtered":                                      listFiltered,
		"pages lose nothing and repeat nothing while others write":    pagesWhileWriting,
		"nobody sees somebody else's inbox":                           inboxesApart,
		"an entry is read, unread and deleted, and counted":           marks,
		"marking what is not there is not found":                      marksOfNothing,
		"marking from two devices at once counts once":                marksAtOnce,
		"all can be read at once":                                     markAll,
		"a backlog comes in order, in parts, without what is deleted": backlog,
		"the newest seqs are those of users who have any":             newest,
		"acks count for the user's own":                               acks,
		"what has expired is gone and not counted":                    expiry,
		"what is old goes from an inbox's beginning on":               retention,
		"inboxes are looked at once a day":                            retentionWalksDaily,
		"where somebody was is taken out of all inboxes":              placesForgotten,
		"of a user who was erased only the numbering is left":         erased,
		"whoever was erased is told nothing any more":                 toldAfterErasure,
		"an announcement is made once for a key":                      announceOnce,
		"a key is its administrator's, and for a day":                 announceKeys,
		"an announcement that is sent twice at once is made once":     announceAtOnce,
	})
}

func store(t *testing.T, s Stored, entries []domain.Entry) []domain.Notification {
	t.Helper()
	fresh, err := s.Insert(t.Context(), entries)
	if err != nil {
		t.Fatalf("store: %v", err)
	}
	return fresh
}

func list(t *testing.T, s Stored, user domain.UserID, filter domain.Filter, before domain.Seq, limit int) domain.Page {
	t.Helper()
	page, err := s.List(t.Context(), user, filter, before, limit)
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return page
}

func wantUnread(t *testing.T, s Stored, user domain.UserID, want int) {
	t.Helper()
	if got, err := s.Unread(t.Context(), user); err != nil || got != want {
		t.Errorf("unread: %d, %v; want %d", got, err, want)
	}
}

func wantSeqs(t *testing.T, got []domain.Notification, want ...domain.Seq) {
	t.Helper()
	if diff := cmp.Diff(append([]domain.Seq{}, want...), seqs(got)); diff != "" {
		t.Errorf("seqs (-want +got):\n%s", diff)
	}
}

func seqsCount(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser() // made in this order, so that ana sorts first
	first := store(t, s, append(several(ben, 2), several(ana, 3)...))
	wantSeqs(t, first, 1, 2, 3, 1, 2)
	for i, want := range []domain.UserID{ana, ana, ana, ben, ben} {
		if first[i].User != want {
			t.Errorf("entry %d is of %s, want %s", i, first[i].User, want)
		}
	}
	wantSeqs(t, store(t, s, several(ana, 2)), 4, 5)
	if titles := first[0].Title + first[1].Title + first[2].Title; titles != "123" {
		t.Errorf("order %s, want 123", titles)
	}
	wantUnread(t, s, ana, 5)
	wantUnread(t, s, ben, 2)
}

func eventsOnce(t *testing.T, s Stored) {
	ana, ben := newUser(), newUser()
	d := draft("once")
	wantSeqs(t, store(t, s, to(d, ana)), 1)
	again := store(t, s, to(d, ana, ben))
	if len(again) != 1 || again[0].User != ben || again[0].Seq != 1 {
		t.Errorf("the repeat stored %v, want ben's only", again)
	}
	wantSeqs(t, store(t, s, several(ana, 1)), 2)
	wantUnread(t, s, ana, 2)
}

func deletedStaysDeleted(t *testing.T, s Stored) {
	ana := newUser()
	d := draft("deleted")
	n := store(t, s, to(d, ana))[0]
	if _, _, err := s.Mark(t.Context(), ana, n.ID, domain.Deleted); err != nil {
		t.Fatal(err)
	}
	if again := store(t, s, to(d, ana)); len(again) != 0 {
		t.Errorf("it came back: %v", again)
	}
	wantSeqs(t, list(t, s, ana, domain.Filter{}, 0, 10).Items)
}

const (
	writers = 8
	rounds  = 10
)

// batchesMeet has writers send overlapping batches, every event from two of them.
func batchesMeet(t *testing.T, s Stored) {
	users := []domain.UserID{newUser(), newUser(), newUser()}
	backwards := []domain.UserID{users[2], users[1], users[0]}
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for r := range rounds {
				d := draft("meet")
				d.EventID = fmt.Sprint(w/2, " ", r)
				order := users
				if w%2 == 1 {
					order = backwards
				}
				if _, err := s.Insert(t.Context(), to(d, order...)); err != nil {
					t.Errorf("store: %v", err)
				}
			}
		})
	}
	group.Wait()
	const want = writers / 2 * rounds
	for _, user := range users {
		page := list(t, s, user, domain.Filter{}, 0, 100)
		if len(page.Items) != want || page.Unread != want {
			t.Fatalf("%d entries, %d unread, want %d", len(page.Items), page.Unread, want)
		}
		for i, n := range page.Items {
			if n.Seq != domain.Seq(want-i) {
				t.Fatalf("gap: entry %d from the top has seq %d of %d", i, n.Seq, want)
			}
		}
	}
}

func seqsBecomeVisibleInOrder(t *testing.T, s Stored) {
	ana := newUser()
	done := make(chan struct{})
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range rounds {
				if _, err := s.Insert(t.Context(), several(ana, 1)); err != nil {
					t.Errorf("store: %v", err)
				}
			}
		})
	}
	go func() { group.Wait(); close(done) }()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		marks, err := s.Newest(t.Context(), []domain.UserID{ana})
		if err != nil {
			t.Fatal(err)
		}
		if len(marks) == 0 {
			continue
		}
		seen, err := s.Since(t.Context(), ana, 0, marks[0].Newest, writers*rounds)
		if err != nil {
			t.Fatal(err)
		}
		if len(seen.Items) != int(marks[0].Newest) {
			t.Fatalf("the newest is %d and %d are visible", marks[0].Newest, len(seen.Items))
		}
	}
	if marks, _ := s.Newest(t.Context(), []domain.UserID{ana}); marks[0].Newest != writers*rounds {
		t.Errorf("newest %d, want %d", marks[0].Newest, writers*rounds)
	}
}

func storedAsGiven(t *testing.T, s Stored) {
	ana := newUser()
	expires := time.Date(2150, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	d := domain.Draft{
		EventID: "it's an \"event\" \\ %s", Category: domain.SOS, Priority: domain.Critical,
		Title: "Ünïcödé 🚑 \u202e", Body: "quote ' back\\slash \"double\"\nnew line\ttab <b>&amp;</b>",
		Data:      json.RawMessage(`{"big":12345678901234567890,"kind":"sos.triggered","nested":{"list":[1,2.5,null,true]},"text":"é 🚑"}`),
		CreatedAt: time.Date(2026, 2, 28, 23, 59, 59, 999_000_000, time.FixedZone("east", 3600)), ExpiresAt: &expires,
	}
	fresh := store(t, s, to(d, ana))[0]
	backlog, err := s.Since(t.Context(), ana, 0, 1, 10)
	if err != nil || len(backlog.Items) != 1 {
		t.Fatalf("backlog: %v, %v", backlog, err)
	}
	for way, got := range map[string]domain.Notification{
		"stored": fresh, "listed": list(t, s, ana, domain.Filter{}, 0, 1).Items[0], "backlog": backlog.Items[0],
	} {
		if got.Title != d.Title || got.Body != d.Body || got.Category != d.Category || got.Priority != d.Priority || got.User != ana || got.ID != fresh.ID {
			t.Errorf("%s: %+v", way, got)
		}
		if !got.CreatedAt.Equal(d.CreatedAt) || got.ExpiresAt == nil || !got.ExpiresAt.Equal(expires) || got.ReadAt != nil || got.StoredAt.IsZero() {
			t.Errorf("%s: times %v %v %v %v", way, got.CreatedAt, got.ExpiresAt, got.ReadAt, got.StoredAt)
		}
		if diff := cmp.Diff(members(t, d.Data), members(t, got.Data)); diff != "" {
			t.Errorf("%s: data (-want +got):\n%s", way, diff)
		}
	}
}

// members compares JSON by what it means; numbers by their digits.
func members(t *testing.T, data json.RawMessage) map[string]string {
	t.Helper()
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatalf("data %s: %v", data, err)
	}
	texts := map[string]string{}
	for name, value := range raw {
		var nested any
		if name == "big" || json.Unmarshal(value, &nested) != nil {
			texts[name] = string(value)
			continue
		}
		texts[name] = fmt.Sprint(nested)
	}
	return texts
}
