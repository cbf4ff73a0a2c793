package redisstore

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/loveapp/backend/gateway/internal/domain"
	"github.com/loveapp/backend/shared/redispool"
)

//go:embed take.lua
var takeScript string

// scripts are take.lua for each policy. A gateway has some ten of them, for they
// come from its settings: to look through them is faster than to hash one.
type scripts struct {
	pool *redispool.Pool
	keep int64 // ms

	mu   sync.Mutex // held to add one
	made atomic.Pointer[[]script]
}

type script struct {
	policy domain.Policy
	*redispool.Script
}

func (s *scripts) of(p domain.Policy) *redispool.Script {
	if made := s.find(p); made != nil {
		return made
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.find(p); made != nil {
		return made
	}
	var all []script
	if known := s.made.Load(); known != nil {
		all = slices.Clone(*known)
	}
	all = append(all, script{p, s.pool.Script(source(p, s.keep), 1)})
	s.made.Store(&all)
	return all[len(all)-1].Script
}

func (s *scripts) find(p domain.Policy) *redispool.Script {
	all := s.made.Load()
	if all == nil {
		return nil
	}
	for i := range *all {
		if (*all)[i].policy == p {
			return (*all)[i].Script
		}
	}
	return nil
}

// source is take.lua for one policy.
func source(p domain.Policy, keep int64) string {
	var lua strings.Builder
	fmt.Fprintf(&lua, "local interval, depth, keep = %d, %d, '%d'\n",
		p.Bucket.Interval().Microseconds(), p.Bucket.Depth().Microseconds(), keep)
	for i, w := range p.Windows {
		fmt.Fprintf(&lua, "local limit%d, span%d = %d, %d\n", i+1, i+1, w.Count, w.Window.Milliseconds())
	}
	lua.WriteString(strings.ReplaceAll(takeScript, "BUCKET", fmt.Sprintf("bucket%d", p.Slot+1)))
	return lua.String()
}
