package memory

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Templates = (*Templates)(nil)

// Templates keep the words that administrators have written.
type Templates struct {
	Outage

	now func() time.Time

	mu   sync.Mutex
	kept map[domain.TemplateName]domain.Template
}

// NewTemplates makes one that holds nothing, and whose time is now's.
func NewTemplates(now func() time.Time) *Templates {
	return &Templates{now: now, kept: map[domain.TemplateName]domain.Template{}}
}

// List implements ports.Templates.
func (s *Templates) List(_ context.Context, after domain.TemplateName, limit int) (list []domain.Template, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.kept)) {
		if name > after && len(list) < limit {
			list = append(list, s.kept[name])
		}
	}
	return list, s.check()
}

// Get implements ports.Templates.
func (s *Templates) Get(_ context.Context, name domain.TemplateName) (domain.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return domain.Template{}, err
	}
	t, ok := s.kept[name]
	if !ok {
		return domain.Template{}, domain.ErrTemplateNotFound
	}
	return t, nil
}

// Create implements ports.Templates.
func (s *Templates) Create(_ context.Context, t domain.Template) (domain.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.kept[t.Name]; ok && s.check() == nil {
		return domain.Template{}, domain.ErrTemplateExists
	}
	return s.put(t)
}

// Put implements ports.Templates.
func (s *Templates) Put(_ context.Context, t domain.Template) (domain.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(t)
}

func (s *Templates) put(t domain.Template) (domain.Template, error) {
	if err := s.check(); err != nil {
		return domain.Template{}, err
	}
	if _, ok := s.kept[t.Name]; !ok && len(s.kept) >= domain.MaxTemplates {
		return domain.Template{}, domain.ErrTemplateLimit
	}
	t.BuiltIn, t.UpdatedAt = false, s.now()
	s.kept[t.Name] = t
	return t, nil
}

// Delete implements ports.Templates.
func (s *Templates) Delete(_ context.Context, name domain.TemplateName) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(); err != nil {
		return err
	}
	if _, ok := s.kept[name]; !ok {
		return domain.ErrTemplateNotFound
	}
	delete(s.kept, name)
	return nil
}
