package app_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/shared/eventually"
	"github.com/loveapp/backend/sos/internal/adapters/memory"
	"github.com/loveapp/backend/sos/internal/app"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

func TestANameIsAskedForOnceADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.directory.Set("ann", "Ann")
		for range 3 {
			if name := h.names.Ensure(t.Context(), "ann"); name != "Ann" {
				t.Errorf("name %q", name)
			}
		}
		if h.directory.Asked() != 1 {
			t.Errorf("asked %d times", h.directory.Asked())
		}
		pass(25 * time.Hour)
		h.directory.Set("ann", "Ann B.")
		if name := h.names.Ensure(t.Context(), "ann"); name != "Ann B." {
			t.Errorf("a day later %q", name)
		}
	})
}

func TestAnOldNameIsBetterThanNone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.directory.Set("ann", "Ann")
		h.names.Ensure(t.Context(), "ann")
		pass(25 * time.Hour)
		h.directory.Fail(errDown)
		if name := h.names.Ensure(t.Context(), "ann"); name != "Ann" {
			t.Errorf("name %q", name)
		}
	})
}

func TestAnAccountThatIsGoneHasNoName(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for range 2 {
		if name := h.names.Ensure(t.Context(), "nobody"); name != "" {
			t.Errorf("name %q", name)
		}
	}
	if h.directory.Asked() != 1 {
		t.Errorf("asked %d times", h.directory.Asked())
	}
}

func TestRefreshingNeverWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.directory.Set("ann", "Ann")
	for range 5000 { // more than is kept: nobody takes them out yet
		h.names.Refresh("ann")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- h.names.Run(ctx) }()
	eventually.True(t, "somebody is asked", func() bool { return h.directory.Asked() > 0 })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTheFirstCallForHelpBearsItsReportersName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.directory.Set("ann", "Ann")
		if made, err := h.Trigger(t.Context(), "k", domain.Press{Reporter: "ann"}); err != nil || made.Ticket.Reporter.Name != "Ann" {
			t.Errorf("reporter %q (%v)", made.Ticket.Reporter.Name, err)
		}
	})
}

// silent is an auth that takes questions and never answers.
type silent struct{ *memory.Directory }

func (silent) Name(ctx context.Context, _ domain.UserID) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestNoCallForHelpWaitsLongForAName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, nil)
		h.Names = app.NewNames(h.store, silent{h.directory}, slog.New(slog.DiscardHandler))
		start := time.Now()
		made, err := h.Trigger(t.Context(), "k", domain.Press{Reporter: "ann"})
		if took := time.Since(start); err != nil || made.Ticket.Status != domain.Pending || took > 100*time.Millisecond {
			t.Errorf("%+v after %s (%v)", made.Ticket, took, err)
		}
	})
}

func TestALinkIsTheSameAfterTheSecretHasChanged(t *testing.T) {
	t.Parallel()
	const old, current = "the old secret of the tests, 32 bytes", "the new secret of the tests, 32 bytes"
	store := newHouse(t, nil).store
	invite := func(secret, previous string) app.Invited {
		h := newHouse(t, nil)
		links, err := app.NewLinks("https://love.example", secret, previous)
		if err != nil {
			t.Fatal(err)
		}
		h.Books, h.Links = store, links
		name := "Mum"
		made, err := h.Invite(t.Context(), "ann", domain.ContactDetails{Name: &name}, ports.Repeatable{Caller: "ann", Route: "r", Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	if first, again := invite(old, ""), invite(current, old); first.Token == "" || first.URL != again.URL {
		t.Errorf("first %s, then %s", first.URL, again.URL)
	}
	if _, err := app.NewLinks("https://love.example", "short", ""); err == nil {
		t.Error("a short secret was taken")
	}
}
