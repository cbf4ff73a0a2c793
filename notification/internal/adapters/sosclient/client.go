// Package sosclient asks the sos service who may listen to its rooms.
package sosclient

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

var _ ports.Owner = (*Client)(nil)

const (
	authorizePath = "/internal/rooms/authorize"
	// connections to one copy: when an instance goes, thousands come back and join at once.
	connections = 16
	dialLimit   = 300 * time.Millisecond
	// askLimit is what one question may take; a socket waits for it.
	askLimit  = time.Second
	maxAnswer = 16 << 10
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.Owner.
type Client struct{ sos *peer.Service }

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	sos, err := peer.New(peer.Config{URLs: c.URLs, Token: c.Token, Connections: connections, DialLimit: dialLimit, AnswerLimit: maxAnswer})
	if err != nil {
		return nil, fmt.Errorf("sosclient: %w", err)
	}
	return &Client{sos}, nil
}

// Close gives the kept connections up.
func (c *Client) Close() error { return c.sos.Close() }

// Admits implements ports.Owner.
func (c *Client) Admits(ctx context.Context, room domain.Room, p domain.Principal) (admitted bool, err error) {
	body, err := json.Marshal(event.RoomMember{Room: string(room), UserID: string(p.User), Role: p.Role})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	err = c.sos.Post(ctx, authorizePath, body, func(a peer.Answer) (err error) {
		admitted, err = verdict(a)
		return err
	})
	if err != nil {
		return false, domain.ErrRoomUnknown.WithCause(err)
	}
	return admitted, nil
}

// verdict: a 404 counts as an answer only where it is the room's, not that of a
// path which an older sos does not know.
func verdict(a peer.Answer) (bool, error) {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(a.Body, &problem) // what cannot be read has no code
	switch {
	case a.Status == http.StatusNoContent:
		return true, nil
	case a.Status == http.StatusNotFound && problem.Code == event.RoomNotFound:
		return false, nil
	}
	return false, fmt.Errorf("sos answered with status %d", a.Status)
}
