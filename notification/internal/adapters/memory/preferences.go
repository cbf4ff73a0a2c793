package memory

import (
	"context"
	"maps"
	"sync"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
)

var _ ports.Preferences = (*Preferences)(nil)

// Preferences keep what people want to be disturbed by.
type Preferences struct {
	Outage

	mu   sync.Mutex
	kept map[domain.UserID]domain.Preferences
}

// NewPreferences makes one where nobody has said anything.
func NewPreferences() *Preferences {
	return &Preferences{kept: map[domain.UserID]domain.Preferences{}}
}

// Get implements ports.Preferences.
func (p *Preferences) Get(_ context.Context, user domain.UserID) (domain.Preferences, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return detached(p.kept[user]), p.check()
}

// Of implements ports.Preferences.
func (p *Preferences) Of(_ context.Context, users []domain.UserID) (map[domain.UserID]domain.Preferences, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := map[domain.UserID]domain.Preferences{}
	for _, user := range users {
		if kept, ok := p.kept[user]; ok {
			found[user] = detached(kept)
		}
	}
	return found, p.check()
}

// Put implements ports.Preferences.
func (p *Preferences) Put(_ context.Context, user domain.UserID, preferences domain.Preferences) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(); err != nil {
		return err
	}
	p.kept[user] = detached(preferences)
	return nil
}

// Forget implements ports.Preferences.
func (p *Preferences) Forget(_ context.Context, user domain.UserID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.check(); err != nil {
		return err
	}
	delete(p.kept, user)
	return nil
}

// detached shares nothing with what it was made from.
func detached(p domain.Preferences) domain.Preferences {
	p.Channels = maps.Clone(p.Channels)
	if p.QuietHours != nil {
		hours := *p.QuietHours
		p.QuietHours = &hours
	}
	return p
}

// wants tells whether the user has switched the channel on.
func (p *Preferences) wants(user domain.UserID, about domain.Category, c domain.Channel) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	set, said := p.kept[user].Channels[about]
	return said && set.Has(c)
}
