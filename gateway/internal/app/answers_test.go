package app_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loveapp/backend/gateway/internal/app"
	"github.com/loveapp/backend/gateway/internal/domain"
)

// shelf is a store of answers in a map, which can be away.
type shelf struct {
	mu   sync.Mutex
	all  map[string]domain.Answer
	away bool
}

var errShelfAway = errors.New("away")

func (s *shelf) Find(_ context.Context, key string) (domain.Answer, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return domain.Answer{}, false, errShelfAway
	}
	a, found := s.all[key]
	return a, found && time.Now().Before(a.Until), nil
}

func (s *shelf) Keep(_ context.Context, key string, a domain.Answer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errShelfAway
	}
	s.all[key] = a
	return nil
}

func newShelf() *shelf { return &shelf{all: make(map[string]domain.Answer)} }

func answers(t *testing.T, shared *shelf) *app.Answers {
	t.Helper()
	a, err := app.NewAnswers(app.AnswersConfig{Local: newShelf(), Shared: shared, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func asking(body string, keepFor time.Duration) func() (domain.Answer, time.Duration) {
	return func() (domain.Answer, time.Duration) { return domain.Answer{Body: []byte(body)}, keepFor }
}

func TestAnAnswerIsRecalledHereThenElsewhereUntilItIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shared := newShelf()
		one, two := answers(t, shared), answers(t, shared)
		for i, step := range []struct {
			who    *app.Answers
			source app.Source
		}{{one, app.Asked}, {one, app.Here}, {two, app.Elsewhere}, {two, app.Here}} {
			if a, source := step.who.Recall(t.Context(), "/x", asking("first", time.Minute)); source != step.source || string(a.Body) != "first" {
				t.Errorf("step %d: %s from %s", i, a.Body, source)
			}
		}
		time.Sleep(time.Minute)
		if a, source := two.Recall(t.Context(), "/x", asking("second", time.Minute)); source != app.Asked || string(a.Body) != "second" {
			t.Errorf("%s from %s", a.Body, source)
		}
	})
}

func TestWithoutTheSharedStoreEachGatewayKeepsItsOwn(t *testing.T) {
	t.Parallel()
	shared := newShelf()
	shared.away = true
	a := answers(t, shared)
	for _, want := range []app.Source{app.Asked, app.Here} {
		if _, source := a.Recall(t.Context(), "/x", asking("x", time.Minute)); source != want {
			t.Errorf("%s, want %s", source, want)
		}
	}
}

func TestOneAsksAndTheOthersFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, c := range map[string]struct {
			takes, keepFor time.Duration
			others         app.Source
		}{
			"in time":                 {500 * time.Millisecond, time.Minute, app.Followed},
			"longer than others wait": {5 * time.Second, time.Minute, app.Unkept},
			"not to be shared":        {500 * time.Millisecond, 0, app.Unkept},
		} {
			a := answers(t, newShelf())
			var asked, others atomic.Int64
			var group sync.WaitGroup
			for range 10 {
				group.Go(func() {
					_, source := a.Recall(t.Context(), "/x", func() (domain.Answer, time.Duration) {
						asked.Add(1)
						time.Sleep(c.takes)
						return domain.Answer{}, c.keepFor
					})
					if source == c.others {
						others.Add(1)
					}
				})
			}
			group.Wait()
			if asked.Load() != 1 || others.Load() != 9 {
				t.Errorf("%s: %d asked, %d as the others should", name, asked.Load(), others.Load())
			}
		}
	})
}

func TestAQuestionThatBreaksOffKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	a := answers(t, newShelf())
	func() {
		defer func() { _ = recover() }()
		a.Recall(t.Context(), "/x", func() (domain.Answer, time.Duration) { panic("the client has left") })
	}()
	if _, source := a.Recall(t.Context(), "/x", asking("x", time.Minute)); source != app.Asked {
		t.Error(source)
	}
	if _, err := app.NewAnswers(app.AnswersConfig{}); err == nil {
		t.Error("a hole in the config is no error")
	}
}
