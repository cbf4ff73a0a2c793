package portstest

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
	"github.com/loveapp/backend/shared/idgen"
)

// scheduleTests are the part of FollowUp that is about announcements of later.
func scheduleTests() map[string]func(*testing.T, Queues) {
	return map[string]func(*testing.T, Queues){
		"an announcement goes out at its time, and once":  releasedOnce,
		"what was cancelled does not go out":              cancelled,
		"what has expired before its time is dropped":     droppedLate,
		"a release that breaks leaves nothing half done":  releasedByMany,
		"what has gone out cannot be cancelled any more":  tooLateToCancel,
		"an announcement to a topic comes back as it was": topicKept,
		"an announcement keeps the words of each reader":  wordsKept,
	}
}

func scheduled(t *testing.T, s Queues, after time.Duration, change func(*domain.Draft), users ...domain.UserID) domain.Announcement {
	t.Helper()
	a := announcement(newUser(), "", 1)
	at := time.Now().Add(after).UTC().Truncate(time.Millisecond)
	a.Draft.SendAt, a.Draft.Users, a.Draft.Channels = &at, users, []string{"push"}
	if change != nil {
		change(&a.Draft)
	}
	receipt, fresh, err := s.Announce(t.Context(), a, to(a.Draft, users...))
	if err != nil || len(fresh) != 0 || receipt != (domain.Receipt{ID: a.ID, Accepted: len(users)}) {
		t.Fatalf("receipt %+v, %d stored, %v", receipt, len(fresh), err)
	}
	return a
}

// everybody makes entries as the application does: their ids follow from the pair.
func everybody(d *domain.Draft) []domain.Entry {
	var entries []domain.Entry
	for _, user := range d.Users {
		entries = append(entries, domain.Entry{ID: domain.NotificationID(idgen.V5(string(user), d.EventID)), User: user, Draft: d})
	}
	return entries
}

func release(t *testing.T, s Queues) (*domain.Announcement, []domain.Notification) {
	t.Helper()
	released, fresh, err := s.Release(t.Context(), everybody)
	if err != nil {
		t.Fatal(err)
	}
	return released, fresh
}

func releasedOnce(t *testing.T, s Queues) {
	ana, ben := newUser(), newUser()
	a := scheduled(t, s, time.Minute, nil, ana, ben)
	if released, _ := release(t, s); released != nil {
		t.Fatalf("it goes out too early: %+v", released)
	}
	s.Pass(t, 61*time.Second)
	released, fresh := release(t, s)
	if released == nil || len(fresh) != 2 {
		t.Fatalf("released %+v, %d stored", released, len(fresh))
	}
	d := released.Draft
	if released.ID != a.ID || released.By != a.By || d.EventID != a.Draft.EventID || d.Title != a.Draft.Title || d.Body != a.Draft.Body || d.Category != a.Draft.Category ||
		d.Priority != a.Draft.Priority || len(d.Data) == 0 || !slices.Equal(d.Users, a.Draft.Users) || !slices.Equal(d.Channels, a.Draft.Channels) || d.CreatedAt.IsZero() {
		t.Errorf("released %+v, want %+v", d, a.Draft)
	}
	if released, _ := release(t, s); released != nil {
		t.Error("it goes out twice")
	}
}

func wantCode(t *testing.T, err, want error) {
	t.Helper()
	if got := fault.From(err); got == nil || got.Code != fault.From(want).Code {
		t.Errorf("got %v, want %v", err, want)
	}
}

func cancelled(t *testing.T, s Queues) {
	a := scheduled(t, s, time.Minute, nil, newUser())
	for range 2 {
		if err := s.Cancel(t.Context(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	s.Pass(t, time.Hour)
	if released, _ := release(t, s); released != nil {
		t.Errorf("%+v goes out", released)
	}
	wantCode(t, s.Cancel(t.Context(), idgen.NewV7()), domain.ErrAnnouncementNotFound)
}

func tooLateToCancel(t *testing.T, s Queues) {
	a := scheduled(t, s, -time.Second, nil, newUser())
	if released, fresh := release(t, s); released == nil || len(fresh) != 1 {
		t.Fatalf("released %+v", released)
	}
	wantCode(t, s.Cancel(t.Context(), a.ID), domain.ErrAlreadySent)
	now := announcement(newUser(), "", 1)
	if _, _, err := s.Announce(t.Context(), now, to(now.Draft, newUser())); err != nil {
		t.Fatal(err)
	}
	wantCode(t, s.Cancel(t.Context(), now.ID), domain.ErrAlreadySent)
}

func droppedLate(t *testing.T, s Queues) {
	soon := time.Now().Add(-time.Second)
	scheduled(t, s, -time.Minute, func(d *domain.Draft) { d.ExpiresAt = &soon }, newUser())
	if released, fresh := release(t, s); released == nil || len(fresh) != 0 {
		t.Errorf("released %+v, %d stored", released, len(fresh))
	}
	if released, _ := release(t, s); released != nil {
		t.Error("it is not dropped")
	}
}

func releasedByMany(t *testing.T, s Queues) {
	const many = 12
	for range many {
		scheduled(t, s, -time.Second, nil, newUser())
	}
	var group sync.WaitGroup
	var stored atomic.Int32
	for range 4 {
		group.Go(func() {
			for {
				released, fresh, err := s.Release(t.Context(), everybody)
				stored.Add(int32(len(fresh))) //nolint:gosec // a dozen
				if err != nil {
					t.Error(err)
				}
				if released == nil {
					return
				}
			}
		})
	}
	group.Wait()
	if n := stored.Load(); n != many {
		t.Errorf("%d of %d are stored", n, many)
	}
}

func topicKept(t *testing.T, s Queues) {
	scheduled(t, s, -time.Second, func(d *domain.Draft) { d.Topic = "topic:news" })
	if released, fresh := release(t, s); released == nil || len(fresh) != 0 || released.Draft.Topic != "topic:news" {
		t.Errorf("released %+v, %d stored", released, len(fresh))
	}
}

func wordsKept(t *testing.T, s Queues) {
	ana, ben := newUser(), newUser()
	said := domain.Words{Title: "Bonjour", Body: "Ça va ?"}
	scheduled(t, s, -time.Second, func(d *domain.Draft) {
		d.Wording = domain.Wording{Said: map[domain.Locale]domain.Words{"fr": said}, Reads: map[domain.UserID]domain.Locale{ana: "fr"}}
	}, ana, ben)
	released, _ := release(t, s)
	if released == nil || released.Draft.Said["fr"] != said || len(released.Draft.Reads) != 1 || released.Draft.Reads[ana] != "fr" {
		t.Errorf("released %+v", released)
	}
}
