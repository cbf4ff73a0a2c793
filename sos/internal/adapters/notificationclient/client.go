// Package notificationclient hands alerts to the notification service.
package notificationclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/failpoint"
	"github.com/loveapp/backend/shared/peer"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	intakePath = "/internal/notifications"
	// connections to one copy: an alarm must not queue behind a handful of slow hand-overs, nor flood the copy.
	connections = 8
	dialLimit   = 500 * time.Millisecond
	maxAnswer   = 16 << 10
)

// Config says where the service is.
type Config struct {
	URLs []string // base URLs of its copies
	// Token gives the proof of who is calling.
	Token func() (string, error)
}

// Client is a ports.Notifier and a ports.Post.
type Client struct{ notification *peer.Service }

// New refuses a hole. Close when done.
func New(c Config) (*Client, error) {
	notification, err := open(c)
	if err != nil {
		return nil, err
	}
	return &Client{notification}, nil
}

func open(c Config) (*peer.Service, error) {
	notification, err := peer.New(peer.Config{URLs: c.URLs, Token: c.Token, Connections: connections, DialLimit: dialLimit, AnswerLimit: maxAnswer})
	if err != nil {
		return nil, fmt.Errorf("notificationclient: %w", err)
	}
	return notification, nil
}

// Close gives the kept connections up.
func (c *Client) Close() error { return c.notification.Close() }

// Ping succeeds when at least one copy is ready.
func (c *Client) Ping(ctx context.Context) error { return c.notification.Ping(ctx) }

// Notify implements ports.Notifier.
func (c *Client) Notify(ctx context.Context, alerts []domain.Alert) error {
	items := make([]event.Notification, 0, len(alerts))
	for _, a := range alerts {
		items = append(items, notification(a))
	}
	_, err := c.hand(ctx, items)
	return err
}

// Write implements ports.Post.
func (c *Client) Write(ctx context.Context, letters []domain.Letter) ([]int, error) {
	items := make([]event.Notification, 0, len(letters))
	for _, l := range letters {
		items = append(items, letter(l))
	}
	accepted, err := c.hand(ctx, items)
	if err != nil {
		return nil, err
	}
	var unsent []int
	for _, i := range accepted.NoChannel {
		if i >= 0 && i < len(letters) {
			unsent = append(unsent, i)
		}
	}
	return unsent, nil
}

// hand gives the items to the first copy that takes them.
func (c *Client) hand(ctx context.Context, items []event.Notification) (accepted event.Accepted, err error) {
	body, err := json.Marshal(event.Notifications{Items: items})
	if err != nil {
		return accepted, fmt.Errorf("%w: %w", ports.ErrRefused, err)
	}
	failpoint.Reach(failpoint.BeforeSend)
	err = c.notification.Post(ctx, intakePath, body, func(a peer.Answer) error {
		if err := verdict(a); err != nil {
			return err
		}
		accepted = event.Accepted{}
		_ = json.Unmarshal(a.Body, &accepted) // one that says nothing has taken everything
		return nil
	})
	if err == nil {
		failpoint.Reach(failpoint.AfterSend)
	}
	return accepted, err
}

// verdict: only an answer about the content parks an alarm. A wrong token or
// path is a mistake of the operator's, and the alarm must wait for its end.
func verdict(a peer.Answer) error {
	switch a.Status {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return nil
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return peer.Final(fmt.Errorf("%w: status %d, code %s", ports.ErrRefused, a.Status, code(a.Body)))
	default:
		return fmt.Errorf("the notification service answered with status %d", a.Status)
	}
}

// code is the stable name of a problem; its texts may quote what was sent, which is nobody's business in a log.
func code(body []byte) string {
	var problem struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(body, &problem); err != nil {
		return "unknown"
	}
	return problem.Code
}
