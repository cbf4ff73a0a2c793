package app

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/gateway/internal/ports"
)

// followFor is how long a request waits for the same question that is under way; then it asks by itself.
const followFor = time.Second

// Source is where an answer to everybody came from.
type Source string

// The sources.
const (
	Here      Source = "local"    // kept in this gateway
	Elsewhere Source = "shared"   // kept for all gateways
	Asked     Source = "asked"    // by this request, from the service
	Followed  Source = "followed" // another request has just asked
	Unkept    Source = "unkept"   // nobody has one that may be shared
)

// AnswersConfig is what Answers need.
type AnswersConfig struct {
	Local, Shared ports.Answers
	Now           func() time.Time
	Logger        *slog.Logger
}

// Answers gives again what was answered to everybody.
type Answers struct {
	config AnswersConfig

	mu      sync.Mutex
	flights map[string]*flight // one question at a time under each key
}

// NewAnswers refuses a config with a hole.
func NewAnswers(c AnswersConfig) (*Answers, error) {
	if c.Local == nil || c.Shared == nil || c.Now == nil || c.Logger == nil {
		return nil, errors.New("app: answers need both stores, a clock and a logger")
	}
	return &Answers{config: c, flights: make(map[string]*flight)}, nil
}

// Recall gives the answer under the key. Where nobody has kept one, one request
// asks the service, and those that come meanwhile wait for it. ask runs in the
// caller at most once, and gives how long its answer may be kept, 0 = not at
// all. With Asked the caller has been answered by its own ask, with Unkept by nobody yet.
func (s *Answers) Recall(ctx context.Context, key string, ask func() (domain.Answer, time.Duration)) (domain.Answer, Source) {
	if a, found, err := s.config.Local.Find(ctx, key); err == nil && found {
		return a, Here
	}
	f, leads := s.join(key)
	if !leads {
		return f.follow(ctx)
	}
	defer s.leave(key, f) // also when ask panics, as it does where a client has left
	if a, found := s.findShared(ctx, key); found {
		f.answer = a
		return a, Elsewhere
	}
	a, keepFor := ask()
	if keepFor > 0 {
		a.Since = s.config.Now()
		a.Until = a.Since.Add(keepFor)
		s.keep(ctx, key, a)
		f.answer = a
	}
	return a, Asked
}

// flight is a question under way.
type flight struct {
	landed chan struct{}
	answer domain.Answer // Until is zero where it may not be shared; to be read once it has landed
}

func (s *Answers) join(key string) (f *flight, leads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, flying := s.flights[key]; flying {
		return f, false
	}
	f = &flight{landed: make(chan struct{})}
	s.flights[key] = f
	return f, true
}

func (s *Answers) leave(key string, f *flight) {
	s.mu.Lock()
	delete(s.flights, key)
	s.mu.Unlock()
	close(f.landed)
}

func (f *flight) follow(ctx context.Context) (domain.Answer, Source) {
	patience := time.NewTimer(followFor)
	defer patience.Stop()
	select {
	case <-f.landed:
		if !f.answer.Until.IsZero() {
			return f.answer, Followed
		}
	case <-patience.C:
	case <-ctx.Done():
	}
	return domain.Answer{}, Unkept
}

// findShared also puts what it finds where the next one finds it.
func (s *Answers) findShared(ctx context.Context, key string) (domain.Answer, bool) {
	a, found, err := s.config.Shared.Find(ctx, key)
	if err != nil {
		s.config.Logger.DebugContext(ctx, "kept answers cannot be had", "error", err)
		return domain.Answer{}, false
	}
	if found {
		_ = s.config.Local.Keep(ctx, key, a) // without it the next one asks again
	}
	return a, found
}

func (s *Answers) keep(ctx context.Context, key string, a domain.Answer) {
	if err := errors.Join(s.config.Local.Keep(ctx, key, a), s.config.Shared.Keep(ctx, key, a)); err != nil {
		s.config.Logger.DebugContext(ctx, "an answer cannot be kept", "error", err)
	}
}
