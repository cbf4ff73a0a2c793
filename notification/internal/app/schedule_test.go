package app_test

import (
	"testing"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/shared/fault"
)

func (t *town) in(d time.Duration) *time.Time {
	at := t.clock.now().Add(d)
	return &at
}

func TestAnAnnouncementGoesOutAtItsTimeOnceFromAnyInstance(t *testing.T) {
	t.Parallel()
	w := newTown()
	instances := []*instance{w.start(t, quick()), w.start(t, quick()), w.start(t, quick())}
	ana := w.resident()
	device := instances[2].connect(ana)
	p := domain.Proposal{Users: []string{string(ana)}, Title: "t", SendAt: w.in(time.Minute)}
	receipt, err := instances[0].Announce(t.Context(), newUser(), domain.IdempotencyKey{}, p)
	if err != nil || receipt.Accepted != 1 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	dropped, err := instances[1].Announce(t.Context(), newUser(), domain.IdempotencyKey{}, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := instances[2].Cancel(t.Context(), dropped.ID); err != nil {
		t.Fatal(err)
	}
	w.clock.forward(time.Minute)
	device.expect(t, "connected:0 1")
	w.clock.forward(5 * time.Second)
	w.expect(t, "nobody acknowledges it: a push follows", 1, 0, 0)
	if err := instances[1].Cancel(t.Context(), receipt.ID); fault.From(err) == nil || fault.From(err).Code != domain.ErrAlreadySent.Code {
		t.Errorf("cancelled what has gone out: %v", err)
	}
	instances[0].notify(ana, domain.Low)
	device.expect(t, "connected:0 1 2") // and nothing in between
}

func TestAnAnnouncementToATopicIsHeardByThoseInItsRoom(t *testing.T) {
	t.Parallel()
	w := newTown()
	one, other := w.start(t, quick()), w.start(t, quick())
	device := other.connect(newUser())
	if err := device.session.Join(t.Context(), "topic:news"); err != nil {
		t.Fatal(err)
	}
	device.expect(t, "connected:0 joined")
	now, err := one.Announce(t.Context(), newUser(), domain.IdempotencyKey{}, domain.Proposal{Topic: "news", Title: "t"})
	if err != nil || now.Accepted != 0 {
		t.Fatalf("%+v, %v", now, err)
	}
	device.expect(t, "connected:0 joined announcement:"+now.ID)
	later, err := one.Announce(t.Context(), newUser(), domain.IdempotencyKey{}, domain.Proposal{Topic: "news", Title: "t", SendAt: w.in(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.forward(time.Minute)
	device.expect(t, "connected:0 joined announcement:"+now.ID+" announcement:"+later.ID)
	for field, p := range map[string]domain.Proposal{
		"topic":     {Topic: "no such name", Title: "t"},
		"userIds":   {Topic: "news", Users: []string{string(newUser())}, Title: "t"},
		"sendAt":    {Topic: "news", Title: "t", SendAt: w.in(9000 * time.Hour)},
		"expiresAt": {Topic: "news", Title: "t", SendAt: w.in(time.Hour), ExpiresAt: w.in(time.Minute)},
	} {
		_, err := one.Announce(t.Context(), newUser(), domain.IdempotencyKey{}, p)
		if f := fault.From(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
