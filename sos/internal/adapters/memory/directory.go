package memory

import (
	"context"
	"sync"

	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

// Directory knows the names that it has been told.
type Directory struct {
	mu      sync.Mutex
	names   map[domain.UserID]string
	homes   map[domain.UserID]domain.Addresses
	failure error
	asked   int
}

var _ ports.Directory = (*Directory)(nil)

// Name implements ports.Directory.
func (d *Directory) Name(_ context.Context, id domain.UserID) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	if d.failure != nil {
		return "", d.failure
	}
	name, known := d.names[id]
	if !known {
		return "", ports.ErrUnknownPerson
	}
	return name, nil
}

// Set gives somebody a name.
func (d *Directory) Set(id domain.UserID, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.names == nil {
		d.names = make(map[domain.UserID]string)
	}
	d.names[id] = name
}

// Fail makes every question fail; nil ends that.
func (d *Directory) Fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failure = err
}

// Asked is how many questions there were.
func (d *Directory) Asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// Addresses implements ports.Directory.
func (d *Directory) Addresses(_ context.Context, id domain.UserID) (domain.Addresses, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failure != nil {
		return domain.Addresses{}, d.failure
	}
	if _, named := d.names[id]; !named && d.homes[id].None() {
		return domain.Addresses{}, ports.ErrUnknownPerson
	}
	return d.homes[id], nil
}

// Holders implements ports.Directory.
func (d *Directory) Holders(_ context.Context, at domain.Addresses) ([]domain.UserID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failure != nil {
		return nil, d.failure
	}
	var holders []domain.UserID
	for id, home := range d.homes {
		if (domain.Contact{Email: at.Email, Phone: at.Phone}).AddressedTo(home) {
			holders = append(holders, id)
		}
	}
	return holders, nil
}

// Verify gives somebody addresses that they have proved to be theirs.
func (d *Directory) Verify(id domain.UserID, at domain.Addresses) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.homes == nil {
		d.homes = make(map[domain.UserID]domain.Addresses)
	}
	d.homes[id] = at
}
