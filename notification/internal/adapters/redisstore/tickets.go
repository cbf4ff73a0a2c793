package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/notification/internal/domain"
	"github.com/loveapp/backend/notification/internal/ports"
	"github.com/loveapp/backend/shared/redispool"
)

var _ ports.Tickets = (*Tickets)(nil)

// Tickets keeps tickets until they are redeemed or have run out.
type Tickets struct{ pool *redispool.Pool }

// NewTickets works on pool.
func NewTickets(pool *redispool.Pool) *Tickets { return &Tickets{pool: pool} }

type principalWire struct {
	User      domain.UserID    `json:"user"`
	Session   domain.SessionID `json:"session"`
	Role      string           `json:"role"`
	IssuedAt  time.Time        `json:"issuedAt"`
	ExpiresAt time.Time        `json:"expiresAt"`
}

// Issue implements ports.Tickets.
func (t *Tickets) Issue(ctx context.Context, ticket string, p domain.Principal, ttl time.Duration) error {
	value, err := json.Marshal(principalWire(p))
	if err != nil {
		return fmt.Errorf("encode a ticket: %w", err)
	}
	if _, err := t.pool.Do(ctx, "SET", ticketKey(ticket), value, "PX", ttl.Milliseconds()); err != nil {
		return fmt.Errorf("issue a ticket: %w", err)
	}
	return nil
}

// Redeem implements ports.Tickets. GETDEL is one step: nobody else gets it too.
func (t *Tickets) Redeem(ctx context.Context, ticket string) (domain.Principal, error) {
	value, err := redis.Bytes(t.pool.Do(ctx, "GETDEL", ticketKey(ticket)))
	if errors.Is(err, redis.ErrNil) {
		return domain.Principal{}, domain.ErrTicketInvalid
	}
	if err != nil {
		return domain.Principal{}, fmt.Errorf("redeem a ticket: %w", err)
	}
	var w principalWire
	if err := json.Unmarshal(value, &w); err != nil {
		return domain.Principal{}, fmt.Errorf("decode a ticket: %w", err)
	}
	return domain.Principal(w), nil
}
