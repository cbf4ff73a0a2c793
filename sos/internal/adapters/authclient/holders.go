package authclient

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/shared/peer"
	"github.com/loveapp/backend/sos/internal/domain"
)

const lookupPath = "/internal/users/lookup"

// Holders implements ports.Directory. Auth answers for verified addresses only.
func (c *Client) Holders(ctx context.Context, at domain.Addresses) ([]domain.UserID, error) {
	if at.None() {
		return nil, nil
	}
	var question event.UserLookup
	if at.Email != "" {
		question.Emails = []string{strings.ToLower(at.Email)}
	}
	if at.Phone != "" {
		question.Phones = []string{at.Phone}
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("encode a look-up: %w", err)
	}
	var users event.Users
	if err := c.auth.Post(ctx, lookupPath, body, func(a peer.Answer) error { return read(a, &users) }); err != nil {
		return nil, err
	}
	var holders []domain.UserID
	for _, user := range users.Items {
		if user.Active {
			holders = append(holders, domain.UserID(user.ID))
		}
	}
	return holders, nil
}
