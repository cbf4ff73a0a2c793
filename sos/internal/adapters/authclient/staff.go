package authclient

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/loveapp/backend/shared/event"
	"github.com/loveapp/backend/sos/internal/domain"
	"github.com/loveapp/backend/sos/internal/ports"
)

const (
	staffPath = "/internal/staff"
	maxStaff  = 1 << 20 // bytes: a hundred accounts with long names
)

var _ ports.Roster = (*Client)(nil)

// Staff implements ports.Roster. It is asked every half minute and not by
// anybody who waits, so no breaker stands before it.
func (c *Client) Staff(ctx context.Context, limit int) ([]domain.UserID, error) {
	token, err := c.token()
	if err != nil {
		return nil, fmt.Errorf("service token: %w", err)
	}
	base := strings.TrimSuffix(c.urls[c.next.Add(1)%uint64(len(c.urls))], "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+staffPath+"?limit="+strconv.Itoa(limit), http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("auth answered with status %d", res.StatusCode)
	}
	var users event.Users
	if err := json.NewDecoder(io.LimitReader(res.Body, maxStaff)).Decode(&users); err != nil {
		return nil, fmt.Errorf("read auth's answer: %w", err)
	}
	ids := make([]domain.UserID, 0, len(users.Items))
	for _, user := range users.Items[:min(len(users.Items), limit)] {
		ids = append(ids, domain.UserID(user.ID))
	}
	return ids, nil
}
