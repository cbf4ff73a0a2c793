// Package peerclient asks the other services to forget users.
package peerclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/peer"
)

var _ ports.Eraser = (*Eraser)(nil)

const (
	connections = 2
	dialLimit   = 500 * time.Millisecond
	maxAnswer   = 4 << 10
)

// Peer is a service and the proof of who is calling it.
type Peer struct {
	URLs  []string // base URLs of its copies
	Token func() (string, error)
}

// Eraser is a ports.Eraser.
type Eraser struct{ services map[string]*peer.Service }

// NewEraser knows the services by name. Close when done.
func NewEraser(peers map[string]Peer) (*Eraser, error) {
	e := &Eraser{map[string]*peer.Service{}}
	for name, p := range peers {
		service, err := peer.New(peer.Config{URLs: p.URLs, Token: p.Token, Connections: connections, DialLimit: dialLimit, AnswerLimit: maxAnswer})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", name, err), e.Close())
		}
		e.services[name] = service
	}
	return e, nil
}

// Close gives the kept connections up.
func (e *Eraser) Close() error {
	var errs []error
	for _, service := range e.services {
		errs = append(errs, service.Close())
	}
	return errors.Join(errs...)
}

// Erase implements ports.Eraser: POST /internal/users/{id}/erase.
func (e *Eraser) Erase(ctx context.Context, service string, user domain.UserID) error {
	to, ok := e.services[service]
	if !ok {
		return fmt.Errorf("no such service: %s", service)
	}
	return to.Post(ctx, "/internal/users/"+url.PathEscape(string(user))+"/erase", []byte("{}"), func(a peer.Answer) error {
		if a.Status != http.StatusNoContent {
			return fmt.Errorf("%s answered with status %d", service, a.Status)
		}
		return nil
	})
}
