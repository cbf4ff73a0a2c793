package memory

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/loveapp/backend/gateway/internal/domain"
)

// maxAnswers bounds what is kept here: 64 of them, at most 16 MiB.
const maxAnswers = 64

// Answers keeps the answers that were asked for last.
type Answers struct {
	now func() time.Time

	mu    sync.Mutex
	order *list.List // of *kept, the latest in front
	byKey map[string]*list.Element
}

type kept struct {
	key    string
	answer domain.Answer
}

// NewAnswers makes an empty store on the given clock.
func NewAnswers(now func() time.Time) (*Answers, error) {
	if now == nil {
		return nil, errors.New("memory: answers need a clock")
	}
	return &Answers{now: now, order: list.New(), byKey: make(map[string]*list.Element)}, nil
}

// Find never fails.
func (s *Answers) Find(_ context.Context, key string) (domain.Answer, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	element, known := s.byKey[key]
	if !known {
		return domain.Answer{}, false, nil
	}
	answer := element.Value.(*kept).answer //nolint:forcetypeassert // Keep puts nothing else there
	if !s.now().Before(answer.Until) {
		s.drop(element)
		return domain.Answer{}, false, nil
	}
	s.order.MoveToFront(element)
	return answer, true, nil
}

// Keep never fails.
func (s *Answers) Keep(_ context.Context, key string, a domain.Answer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if element, known := s.byKey[key]; known {
		s.drop(element)
	}
	s.byKey[key] = s.order.PushFront(&kept{key, a})
	if s.order.Len() > maxAnswers {
		s.drop(s.order.Back())
	}
	return nil
}

func (s *Answers) drop(element *list.Element) {
	delete(s.byKey, s.order.Remove(element).(*kept).key) //nolint:forcetypeassert // see above
}
