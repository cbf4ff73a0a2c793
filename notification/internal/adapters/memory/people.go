package memory

import (
	"context"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.People = (*People)(nil)

// People are those whom a test has introduced.
type People struct {
	Outage

	mu    sync.Mutex
	known map[domain.UserID]domain.Person
}

// NewPeople knows nobody.
func NewPeople() *People { return &People{known: map[domain.UserID]domain.Person{}} }

// Introduce makes the user known, or known anew.
func (p *People) Introduce(user domain.UserID, person domain.Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[user] = person
}

// Of implements ports.People.
func (p *People) Of(_ context.Context, users []domain.UserID) (map[domain.UserID]domain.Person, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[domain.UserID]domain.Person{}
	for _, user := range users {
		if person, ok := p.known[user]; ok {
			found[user] = person
		}
	}
	return found, nil
}
