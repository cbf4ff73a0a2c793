package app

import (
	"context"

	"github.com/loveapp/backend/notification/internal/domain"
)

// write enters and takes out. Those who come are entered first: one that has
// come and gone at once is then gone.
func (p *presence) write(ctx context.Context, changes []change) {
	ctx, cancel := context.WithTimeout(ctx, registryTime)
	defer cancel()
	counts, err := p.add(ctx, changes)
	for _, c := range changes {
		if c.entered == nil {
			continue
		}
		if count, ok := counts[c.session.id]; ok {
			c.entered <- count
		}
		close(c.entered)
	}
	if err == nil {
		err = p.remove(ctx, changes)
	}
	if err != nil {
		p.failed(ctx, err)
	}
}

// add enters those who have come and are still here.
func (p *presence) add(ctx context.Context, changes []change) (map[domain.SocketID]int, error) {
	if p.stale.Load() {
		if err := p.renew(ctx); err != nil {
			return nil, err
		}
	}
	var come []*Session
	for _, c := range changes {
		if !c.gone && p.app.roster.has(c.session) {
			come = append(come, c.session)
		}
	}
	if len(come) == 0 {
		return nil, nil
	}
	counts, err := p.app.registry.Add(ctx, p.connections(come))
	if err != nil {
		return nil, err
	}
	known := make(map[domain.SocketID]int, len(come))
	for i, s := range come {
		known[s.id] = counts[i]
	}
	return known, nil
}

func (p *presence) remove(ctx context.Context, changes []change) error {
	var gone []*Session
	for _, c := range changes {
		if c.gone {
			gone = append(gone, c.session)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return p.app.registry.Remove(ctx, p.connections(gone))
}

func (p *presence) connections(sessions []*Session) []domain.Connection {
	lease := p.lease()
	connections := make([]domain.Connection, len(sessions))
	for i, s := range sessions {
		connections[i] = s.connection(lease)
	}
	return connections
}
