package authclient

import (
	"context"
	"strconv"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/peer"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const staffPath = "/internal/staff"

var _ ports.Roster = (*Client)(nil)

// Staff implements ports.Roster.
func (c *Client) Staff(ctx context.Context, limit int) ([]domain.UserID, error) {
	var users event.Users
	if err := c.auth.Get(ctx, staffPath+"?limit="+strconv.Itoa(limit), func(a peer.Answer) error { return read(a, &users) }); err != nil {
		return nil, err
	}
	ids := make([]domain.UserID, 0, len(users.Items))
	for _, user := range users.Items[:min(len(users.Items), limit)] {
		ids = append(ids, domain.UserID(user.ID))
	}
	return ids, nil
}
