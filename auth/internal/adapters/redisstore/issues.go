package redisstore

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/redispool"
)

var _ ports.Issues = (*Issues)(nil)

//go:embed keep_issued.lua
var keepIssued string

// Issues remembers access tokens under token:<user id>, a hash of session to the
// token's id and end in Unix milliseconds.
type Issues struct {
	pool *redispool.Pool
	now  func() time.Time
	keep *redispool.Script
}

// NewIssues works on an open pool.
func NewIssues(pool *redispool.Pool, now func() time.Time) *Issues {
	return &Issues{pool, now, pool.Script(keepIssued, 1)}
}

func issuesKey(user domain.UserID) string { return "token:" + string(user) }

// Issued implements ports.Issues.
func (i *Issues) Issued(ctx context.Context, user domain.UserID) ([]domain.Issue, error) {
	fields, err := redis.StringMap(i.pool.Do(ctx, "HGETALL", issuesKey(user)))
	if err != nil {
		return nil, fmt.Errorf("read a user's tokens: %w", err)
	}
	var issues []domain.Issue
	for session, value := range fields {
		id, end, _ := strings.Cut(value, " ")
		ms, err := strconv.ParseInt(end, 10, 64)
		if err != nil || !i.now().Before(time.UnixMilli(ms)) {
			continue
		}
		issues = append(issues, domain.Issue{User: user, Session: domain.SessionID(session), TokenID: id, ExpiresAt: time.UnixMilli(ms).UTC()})
	}
	return issues, nil
}

// KeepIssued implements ports.Issues, in one round trip a node.
func (i *Issues) KeepIssued(ctx context.Context, issues []domain.Issue, life time.Duration) error {
	calls := make([][]any, 0, len(issues))
	for _, one := range issues {
		value := one.TokenID + " " + strconv.FormatInt(one.ExpiresAt.UnixMilli(), 10)
		calls = append(calls, []any{issuesKey(one.User), string(one.Session), value, life.Milliseconds(), domain.MostIssued})
	}
	if _, err := i.keep.DoAll(ctx, calls); err != nil {
		return fmt.Errorf("keep tokens: %w", err)
	}
	return nil
}

// DropIssued implements ports.Issues.
func (i *Issues) DropIssued(ctx context.Context, user domain.UserID, sessions ...domain.SessionID) error {
	command, args := "DEL", []any{issuesKey(user)}
	if len(sessions) > 0 {
		command = "HDEL"
	}
	for _, session := range sessions {
		args = append(args, string(session))
	}
	if _, err := i.pool.Do(ctx, command, args...); err != nil {
		return fmt.Errorf("drop tokens: %w", err)
	}
	return nil
}
