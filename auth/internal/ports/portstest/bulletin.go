package portstest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Bulletin holds an adapter against what is promised of the news.
func Bulletin(t *testing.T, open func(t *testing.T) ports.Bulletin) {
	t.Helper()
	t.Run("every follower hears of every post, after a first look", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		one, two := follow(t, b), follow(t, b)
		heard(t, "the first look", one, 1)
		heard(t, "the first look", two, 1)
		for i := range 3 {
			post(t, b, int64(i))
			heard(t, "a post", one, int32(i)+2)
			heard(t, "a post", two, int32(i)+2)
		}
	})
	t.Run("following ends with its context and without an error", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := open(t).Follow(ctx, func() {}); err != nil {
			t.Fatal(err)
		}
	})
}

func post(t *testing.T, b ports.Bulletin, revision int64) {
	t.Helper()
	items := []domain.Revocation{
		{Revision: revision, Session: domain.SessionID(newID()), User: domain.UserID(newID()), At: now()},
		{Revision: revision + 1, User: domain.UserID(newID()), Before: now(), At: now()},
	}
	if err := b.Post(t.Context(), items, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// follow counts what it hears until the test ends.
func follow(t *testing.T, b ports.Bulletin) *atomic.Int32 {
	t.Helper()
	count := new(atomic.Int32)
	ctx, cancel := context.WithCancel(context.Background()) // the test's own ends before its cleanups
	ended := make(chan error, 1)
	go func() { ended <- b.Follow(ctx, func() { count.Add(1) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return count
}

func heard(t *testing.T, what string, count *atomic.Int32, want int32) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for count.Load() < want {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%s was not heard", what)
		}
	}
}
