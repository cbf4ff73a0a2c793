package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/tracing"
)

// post is what waits to be done for people who are not looking.
type post struct {
	orders   []domain.Order
	tokens   map[domain.TokenID]domain.OneTimeToken
	messages map[domain.MessageID]queued
	erasures map[holder]orderedErasure
}

type queued struct {
	domain.Message
	due  time.Time
	dead time.Time // zero while it lives
}

type holder struct {
	user    domain.UserID
	service string
}

type orderedErasure struct {
	domain.Erasure
	due time.Time
}

func newPost() post {
	return post{tokens: map[domain.TokenID]domain.OneTimeToken{}, messages: map[domain.MessageID]queued{}, erasures: map[holder]orderedErasure{}}
}

func (p post) clone() post {
	return post{slices.Clone(p.orders), maps.Clone(p.tokens), maps.Clone(p.messages), maps.Clone(p.erasures)}
}

func (t *tx) PlaceOrder(ctx context.Context, order domain.Order) error {
	order.Trace = tracing.Carried(ctx)
	t.state.post.orders = append(t.state.post.orders, order)
	return nil
}

func (t *tx) TakeOrder(context.Context) (domain.Order, error) {
	if len(t.state.post.orders) == 0 {
		return domain.Order{}, ports.ErrNothingDue
	}
	order := t.state.post.orders[0]
	t.state.post.orders = t.state.post.orders[1:]
	return order, nil
}

func (t *tx) AddToken(_ context.Context, token domain.OneTimeToken) error {
	t.state.post.tokens[token.ID] = token
	return nil
}

func (t *tx) CountTokens(_ context.Context, purpose domain.Purpose, user domain.UserID, address string, since time.Time) (n int, _ error) {
	for _, token := range t.state.post.tokens {
		if token.Purpose == purpose && (token.User == user || token.Address == address) && token.CreatedAt.After(since) {
			n++
		}
	}
	return n, nil
}

func (t *tx) NewestToken(_ context.Context, user domain.UserID, purpose domain.Purpose) (newest domain.OneTimeToken, err error) {
	err = domain.ErrLinkSpent
	for _, token := range t.state.post.tokens {
		if token.User == user && token.Purpose == purpose && token.ID > newest.ID {
			newest, err = token, nil
		}
	}
	return newest, err
}

func (t *tx) CountTry(_ context.Context, id domain.TokenID) error {
	if token, ok := t.state.post.tokens[id]; ok {
		token.Tries++
		t.state.post.tokens[id] = token
	}
	return nil
}

func (t *tx) SpendToken(_ context.Context, id domain.TokenID) error {
	if _, ok := t.state.post.tokens[id]; !ok {
		return domain.ErrLinkSpent
	}
	delete(t.state.post.tokens, id)
	return nil
}

func (t *tx) DropTokens(_ context.Context, user domain.UserID, purposes ...domain.Purpose) error {
	maps.DeleteFunc(t.state.post.tokens, func(_ domain.TokenID, token domain.OneTimeToken) bool {
		return token.User == user && slices.Contains(purposes, token.Purpose)
	})
	return nil
}

func (t *tx) Post(ctx context.Context, message domain.Message) error {
	message.Trace = tracing.Carried(ctx)
	t.state.post.messages[message.ID] = queued{Message: message, due: t.now()}
	return nil
}

// Due leases messages.
func (s *Store) Due(_ context.Context, channels []domain.Channel, lease time.Duration, limit int) ([]domain.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var due []queued
	for _, m := range s.state.post.messages {
		if m.dead.IsZero() && !m.due.After(now) && slices.Contains(channels, m.Channel) {
			due = append(due, m)
		}
	}
	slices.SortFunc(due, func(a, b queued) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.ID, b.ID)) })
	leased := []domain.Message{}
	for _, m := range due[:min(limit, len(due))] {
		m.Tries++
		m.due = now.Add(lease)
		s.state.post.messages[m.ID] = m
		leased = append(leased, m.Message)
	}
	return leased, nil
}

// Sent forgets a message.
func (s *Store) Sent(_ context.Context, id domain.MessageID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.state.post.messages, id)
	return nil
}

// Later puts a message off.
func (s *Store) Later(_ context.Context, id domain.MessageID, pause time.Duration, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.state.post.messages[id]; ok {
		m.due = s.now().Add(pause)
		s.state.post.messages[id] = m
	}
	return nil
}

// Dead gives a message up.
func (s *Store) Dead(_ context.Context, id domain.MessageID, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.state.post.messages[id]; ok {
		m.dead, m.To = s.now(), ""
		s.state.post.messages[id] = m
	}
	return nil
}

// Token finds a one-time token.
func (s *Store) Token(_ context.Context, id domain.TokenID) (token domain.OneTimeToken, err error) {
	err = domain.ErrLinkSpent
	s.read(func(now state) {
		if found, ok := now.post.tokens[id]; ok {
			token, err = found, nil
		}
	})
	return token, err
}

// Sweep forgets what is over.
func (s *Store) Sweep(_ context.Context, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.state.post.tokens, func(_ domain.TokenID, t domain.OneTimeToken) bool { return t.ExpiresAt.Before(before) })
	maps.DeleteFunc(s.state.post.messages, func(_ domain.MessageID, m queued) bool {
		return !m.dead.IsZero() && m.dead.Before(before) || m.ExpiresAt.Before(before)
	})
	return nil
}
