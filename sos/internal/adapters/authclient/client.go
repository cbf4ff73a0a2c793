// Package authclient asks the auth service who people are.
package authclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/peer"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	usersPath = "/internal/users/"
	// connections to one copy: who invites somebody waits for a name, and few do at once.
	connections = 8
	dialLimit   = 500 * time.Millisecond
	maxAnswer   = 1 << 20 // bytes: a hundred accounts with long names
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.Directory and a ports.Roster.
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

// Name implements ports.Directory.
func (c *Client) Name(ctx context.Context, id domain.UserID) (string, error) {
	user, err := c.user(ctx, id)
	return strings.TrimSpace(user.FirstName + " " + user.LastName), err
}

// Addresses implements ports.Directory.
func (c *Client) Addresses(ctx context.Context, id domain.UserID) (domain.Addresses, error) {
	user, err := c.user(ctx, id)
	var verified domain.Addresses
	if user.EmailVerified {
		verified.Email = user.Email
	}
	if user.PhoneVerified {
		verified.Phone = user.Phone
	}
	return verified, err
}

func (c *Client) user(ctx context.Context, id domain.UserID) (user event.User, err error) {
	err = c.auth.Get(ctx, usersPath+url.PathEscape(string(id)), func(a peer.Answer) error {
		if a.Status == http.StatusNotFound {
			return peer.Final(ports.ErrUnknownPerson)
		}
		return read(a, &user)
	})
	return user, err
}

// read takes what an answer says, none of it where it is another one.
func read[T any](a peer.Answer, into *T) error {
	if a.Status != http.StatusOK {
		return fmt.Errorf("auth answered with status %d", a.Status)
	}
	var said T
	if err := json.Unmarshal(a.Body, &said); err != nil {
		return fmt.Errorf("read auth's answer: %w", err)
	}
	*into = said
	return nil
}
