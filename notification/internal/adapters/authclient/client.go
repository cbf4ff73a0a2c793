// Package authclient asks the auth service how people can be reached.
package authclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/peer"
)

var _ ports.People = (*Client)(nil)

const (
	lookupPath = "/internal/users/lookup"
	dialLimit  = 300 * time.Millisecond
	// askLimit is what one question may take: a batch of alarms waits for it.
	askLimit    = 2 * time.Second
	connections = 8
	maxAnswer   = 256 << 10 // 100 people take 40 KiB
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.People.
type Client struct{ auth *peer.Service }

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	auth, err := peer.New(peer.Config{URLs: c.URLs, Token: c.Token, Connections: connections, DialLimit: dialLimit, AnswerLimit: maxAnswer})
	if err != nil {
		return nil, fmt.Errorf("authclient: %w", err)
	}
	return &Client{auth}, nil
}

// Close gives the kept connections up.
func (c *Client) Close() error { return c.auth.Close() }

// Of implements ports.People.
func (c *Client) Of(ctx context.Context, users []domain.UserID) (map[domain.UserID]domain.Person, error) {
	if len(users) == 0 {
		return map[domain.UserID]domain.Person{}, nil
	}
	question := event.UserLookup{}
	for _, user := range users {
		question.IDs = append(question.IDs, string(user))
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("encode a look-up: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	var found event.Users
	err = c.auth.Post(ctx, lookupPath, body, func(a peer.Answer) error {
		found = event.Users{}
		if a.Status != http.StatusOK {
			return fmt.Errorf("auth answered with status %d", a.Status)
		}
		if err := json.Unmarshal(a.Body, &found); err != nil {
			return fmt.Errorf("read auth's answer: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d people: %w", len(users), err)
	}
	return people(found), nil
}

func people(found event.Users) map[domain.UserID]domain.Person {
	people := make(map[domain.UserID]domain.Person, len(found.Items))
	for _, u := range found.Items {
		p := domain.Person{Locale: u.Locale}
		if u.EmailVerified {
			p.Email = u.Email
		}
		if u.PhoneVerified {
			p.Phone = u.Phone
		}
		people[domain.UserID(u.ID)] = p
	}
	return people
}
