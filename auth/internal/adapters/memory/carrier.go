package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
)

// Carrier keeps the letters it is given.
type Carrier struct {
	mu      sync.Mutex
	letters []domain.Letter
	failing *ports.SendError
	failed  int
}

// Send keeps the letter, or fails as told.
func (c *Carrier) Send(ctx context.Context, letter domain.Letter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failing != nil {
		c.failed++
		return c.failing
	}
	c.letters = append(c.letters, letter)
	return nil
}

// Letters are those that were sent, in order.
func (c *Carrier) Letters() []domain.Letter {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.letters)
}

// Failed counts the letters that were not taken.
func (c *Carrier) Failed() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// Fail has every letter fail from now on; nil ends that.
func (c *Carrier) Fail(with *ports.SendError) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failing = with
}

// Eraser stands for the other services.
type Eraser struct {
	mu     sync.Mutex
	away   map[string]error
	erased []domain.Erasure
}

// Erase notes the order, or fails where the service is away.
func (e *Eraser) Erase(_ context.Context, service string, user domain.UserID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.away[service]; err != nil {
		return err
	}
	e.erased = append(e.erased, domain.Erasure{User: user, Service: service})
	return nil
}

// Away has the service fail from now on; nil ends that.
func (e *Eraser) Away(service string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away == nil {
		e.away = map[string]error{}
	}
	e.away[service] = err
}

// Erased are the orders that were carried out.
func (e *Eraser) Erased() []domain.Erasure {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.erased)
}
