package redisstore

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"

	"github.com/gomodule/redigo/redis"

	"github.com/loveapp/backend/auth/internal/domain"
	"github.com/loveapp/backend/auth/internal/ports"
	"github.com/loveapp/backend/shared/redispool"
)

var _ ports.Briefs = (*Briefs)(nil)

//go:embed keep_brief.lua
var keepBrief string

// Briefs remembers users under user:<id>, a hash of role, active and version.
type Briefs struct {
	pool *redispool.Pool
	keep *redispool.Script
}

// NewBriefs works on an open pool.
func NewBriefs(pool *redispool.Pool) *Briefs { return &Briefs{pool, pool.Script(keepBrief, 1)} }

func briefKey(id domain.UserID) string { return "user:" + string(id) }

// Brief implements ports.Briefs.
func (b *Briefs) Brief(ctx context.Context, id domain.UserID) (brief domain.Brief, known bool, err error) {
	fields, err := redis.Strings(b.pool.Do(ctx, "HMGET", briefKey(id), "role", "active", "version"))
	if err != nil {
		return brief, false, fmt.Errorf("read a user's brief: %w", err)
	}
	version, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil { // "": nothing is remembered; anything else is not ours
		return brief, false, nil //nolint:nilerr // a cache that holds nothing of use holds nothing
	}
	return domain.Brief{Role: domain.Role(fields[0]), Active: fields[1] == "1", Version: version}, true, nil
}

// KeepBrief implements ports.Briefs.
func (b *Briefs) KeepBrief(ctx context.Context, id domain.UserID, brief domain.Brief) error {
	active := "0"
	if brief.Active {
		active = "1"
	}
	if _, err := b.keep.Do(ctx, briefKey(id), string(brief.Role), active, brief.Version, domain.BriefLife.Milliseconds()); err != nil {
		return fmt.Errorf("keep a user's brief: %w", err)
	}
	return nil
}

// DropBrief implements ports.Briefs.
func (b *Briefs) DropBrief(ctx context.Context, id domain.UserID) error {
	if _, err := b.pool.Do(ctx, "DEL", briefKey(id)); err != nil {
		return fmt.Errorf("drop a user's brief: %w", err)
	}
	return nil
}
